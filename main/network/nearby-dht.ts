import HyperDHT, { type Node } from 'hyperdht'

/** A DHT node that asks peers of the local network for the way to them directly, before it asks the DHT. */
export class NearbyDht extends HyperDHT {
  /** Where a peer of the local network is; null for all others. */
  nearby: (publicKey: Uint8Array) => Node | null = () => null

  override connect(
    publicKey: Uint8Array,
    options: { relayAddresses?: Node[] | null } = {},
  ): ReturnType<HyperDHT['connect']> {
    const near = this.nearby(publicKey)
    if (!near) return super.connect(publicKey, options)
    const { host, port } = near
    return super.connect(publicKey, {
      ...options,
      relayAddresses: [{ host, port }, ...(options.relayAddresses ?? [])],
    })
  }
}
