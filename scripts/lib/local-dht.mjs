import createTestnet from 'hyperdht/testnet.js'

/**
 * A DHT of real nodes on 127.0.0.1: `bootstrap` is what --bootstrap takes, `nodes` the same as
 * objects. `end` stops it.
 */
export async function localDht({ size = 4 } = {}) {
  const testnet = await createTestnet(size)
  return {
    bootstrap: testnet.bootstrap.map(({ host, port }) => `${host}:${port}`).join(','),
    nodes: testnet.bootstrap,
    end: () => testnet.destroy(),
  }
}
