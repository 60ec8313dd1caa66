import { sameBytes } from '../keys/bytes'
import {
  type PairingSide,
  pairingChannel,
  pairingCommitment,
  pairingProof,
  pairingSecretSize,
} from '../keys/pairing'
import type { Connection } from '../network/network'
import {
  decodePairingHello,
  encodePairingHello,
  invalid,
  type PairingMessage,
  pairingVersion,
} from './pairing-messages'
import { type ChannelEvents, ProvedChannel } from './proved-channel'

/** Callbacks of one side of pairing. */
export type PairingEvents = ChannelEvents<PairingMessage, PairingChannel>

/** A connection on which a pairing secret is proved, from either side. Rules P2 to P4. */
export class PairingChannel extends ProvedChannel<PairingMessage> {
  readonly hello: Uint8Array
  /** Random number of this side for this connection, 32 bytes. */
  readonly ownNumber: Uint8Array
  protected readonly events: PairingEvents
  private readonly secret: Uint8Array
  private readonly side: PairingSide
  /** Commitment of the other side; empty if that side joins. */
  private commitment: Uint8Array = new Uint8Array(0)

  constructor(options: {
    secret: Uint8Array
    side: PairingSide
    connection: Connection
    random: (size: number) => Uint8Array
    events: PairingEvents
    refuse: () => void
  }) {
    super(options)
    const { secret, side, connection } = options
    const { handshakeHash } = connection
    this.secret = secret
    this.side = side
    this.events = options.events
    this.ownNumber = options.random(pairingSecretSize)
    this.hello = encodePairingHello({
      version: pairingVersion,
      proof: pairingProof(secret, side, handshakeHash),
      commitment:
        side === 'offer' ? pairingCommitment(secret, handshakeHash, this.ownNumber) : Buffer.alloc(0),
    })
  }

  /** True if a number matches the other side's commitment. */
  isBoundTo(number: Uint8Array): boolean {
    const { handshakeHash } = this.connection
    return sameBytes(this.commitment, pairingCommitment(this.secret, handshakeHash, number))
  }

  protected read(hello: Uint8Array): boolean {
    const from = this.side === 'offer' ? 'join' : 'offer'
    const { version, proof, commitment } = decodePairingHello(hello, from)
    if (!sameBytes(proof, pairingProof(this.secret, from, this.connection.handshakeHash))) throw invalid()
    this.commitment = commitment
    return version === pairingVersion
  }
}

/** The channel's id on a connection. Rule P2. */
export const pairingChannelId = (secret: Uint8Array, { handshakeHash }: Connection): Uint8Array =>
  pairingChannel(secret, handshakeHash)
