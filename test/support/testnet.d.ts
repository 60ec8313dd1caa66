/** A DHT of real nodes in this process, for tests; hyperdht brings no types. */
declare module 'hyperdht/testnet.js' {
  export interface Testnet {
    readonly bootstrap: { host: string; port: number }[]
    destroy(): Promise<void>
  }

  export default function createTestnet(size: number, options?: { port?: number }): Promise<Testnet>
}
