import { sameBytes } from '../keys/bytes'
import { deviceProof } from '../keys/devices'
import type { Connection } from '../network/network'
import type { ChannelKind } from '../sync/wire/channel'
import { decodePairingHello, encodePairingHello, invalid } from './pairing-messages'
import { type ChannelEvents, ProvedChannel } from './proved-channel'

/** The version that this program speaks between the computers of one author. Rule P8. */
const deviceVersion = 1

/** Message types between the computers of one author. Rule P9. */
export type DeviceMessage = 'document'

/** The channel between the computers of one author. Rule P8. */
export const deviceKind: ChannelKind<DeviceMessage> = { protocol: 'swarmpad/devices', types: ['document'] }

/** A connection on which both sides prove that they know the seed of the author key. Rule P8. */
export class DeviceChannel extends ProvedChannel<DeviceMessage> {
  readonly hello: Uint8Array
  /** Summary of each document as last sent on this connection, by document id. */
  readonly sent = new Map<string, string>()
  /** Ids of the documents received on this connection. */
  readonly received = new Set<string>()
  protected readonly events: ChannelEvents<DeviceMessage, DeviceChannel>
  private readonly seed: Uint8Array

  constructor(options: {
    seed: Uint8Array
    connection: Connection
    events: ChannelEvents<DeviceMessage, DeviceChannel>
    refuse: () => void
  }) {
    super(options)
    const { seed, connection } = options
    this.seed = seed
    this.events = options.events
    const proof = deviceProof(seed, connection.isInitiator, connection.handshakeHash)
    this.hello = encodePairingHello({ version: deviceVersion, proof, commitment: new Uint8Array(0) })
  }

  protected read(hello: Uint8Array): boolean {
    const { isInitiator, handshakeHash } = this.connection
    const { version, proof } = decodePairingHello(hello, 'join')
    if (!sameBytes(proof, deviceProof(this.seed, !isInitiator, handshakeHash))) throw invalid()
    return version === deviceVersion
  }
}
