import { SwarmpadError } from '../errors'
import { sameBytes } from '../keys/bytes'
import {
  type PairingSide,
  pairingChannel,
  pairingCommitment,
  pairingProof,
  pairingSecretSize,
} from '../keys/pairing'
import type { Connection } from '../network/network'
import type { Port } from '../sync/channel'
import type { Visit } from '../sync/meetings'
import {
  decodePairingHello,
  encodePairingHello,
  type PairingMessage,
  pairingVersion,
} from './pairing-messages'

/** What one side of pairing does with what it hears; what it throws ends the connection. */
export interface PairingEvents {
  /** The peer knows the secret. */
  onProved(visit: PairingVisit): void
  /** It does, and speaks another version. */
  onOutdated(visit: PairingVisit): void
  onMessage(visit: PairingVisit, type: PairingMessage, body: Uint8Array): void
  onClose(visit: PairingVisit): void
}

/**
 * A connection on which a pairing secret is proved, from either side. Until the peer has done so nothing is
 * said beyond the hello, and nothing heard. Rules P2 to P4.
 */
export class PairingVisit implements Visit<PairingMessage> {
  readonly connection: Connection
  readonly hello: Uint8Array
  /** What this side drew for this connection, 32 bytes. */
  readonly ownNumber: Uint8Array
  /** What the other side bound itself to; null from one that joins. */
  commitment: Uint8Array | null = null
  isProved = false
  port: Port<PairingMessage> | null = null
  private readonly secret: Uint8Array
  private readonly side: PairingSide
  private readonly events: PairingEvents
  private readonly refuse: () => void

  constructor(options: {
    secret: Uint8Array
    side: PairingSide
    connection: Connection
    random: (size: number) => Uint8Array
    events: PairingEvents
    refuse: () => void
  }) {
    const { secret, side, connection } = options
    const { handshakeHash } = connection
    this.secret = secret
    this.side = side
    this.connection = connection
    this.events = options.events
    this.refuse = options.refuse
    this.ownNumber = options.random(pairingSecretSize)
    this.hello = encodePairingHello({
      version: pairingVersion,
      proof: pairingProof(secret, side, handshakeHash),
      commitment:
        side === 'offer' ? pairingCommitment(secret, handshakeHash, this.ownNumber) : Buffer.alloc(0),
    })
  }

  onOpen(bytes: Uint8Array): void {
    this.guard(() => {
      const from = this.side === 'offer' ? 'join' : 'offer'
      const { version, proof, commitment } = decodePairingHello(bytes, from)
      const { handshakeHash } = this.connection
      if (!sameBytes(proof, pairingProof(this.secret, from, handshakeHash))) throw wrongProof()
      this.isProved = true
      this.commitment = from === 'offer' ? commitment : null
      if (version === pairingVersion) this.events.onProved(this)
      else this.events.onOutdated(this)
    })
  }

  onMessage(type: PairingMessage, body: Uint8Array): void {
    if (this.isProved) this.guard(() => this.events.onMessage(this, type, body))
  }

  onDrain(): void {}

  onClose(): void {
    this.isProved = false
    this.events.onClose(this)
  }

  /** Whether a number is the one that the other side bound itself to. */
  isBoundTo(number: Uint8Array): boolean {
    const { handshakeHash } = this.connection
    const expected = pairingCommitment(this.secret, handshakeHash, number)
    return this.commitment !== null && sameBytes(this.commitment, expected)
  }

  send(type: PairingMessage, body: Uint8Array = new Uint8Array(0)): void {
    this.port?.send(type, body)
  }

  /** Ends the channel. */
  close(): void {
    this.port?.close()
  }

  private guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof SwarmpadError)) throw error
      this.refuse()
      this.port?.destroy()
    }
  }
}

/** The channel's id on a connection. Rule P2. */
export const pairingChannelId = (secret: Uint8Array, { handshakeHash }: Connection): Uint8Array =>
  pairingChannel(secret, handshakeHash)

const wrongProof = (): SwarmpadError =>
  new SwarmpadError('INVALID', 'A computer that wants to pair does not know the secret.')
