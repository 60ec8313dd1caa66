import createTestnet from 'hyperdht/testnet.js'
import { offer } from './calls'

let testnet: Awaited<ReturnType<typeof createTestnet>> | null = null

/** Functions of the process that runs the DHT. */
export const dhtCalls = {
  /** Starts so many nodes on the loopback address; returns those to begin with. */
  async start(nodes: number): Promise<{ host: string; port: number }[]> {
    testnet = await createTestnet(nodes)
    return testnet.bootstrap
  },
}

offer(dhtCalls, async () => testnet?.destroy())
