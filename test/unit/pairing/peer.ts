import type { PairingSide } from '../../../main/keys/pairing'
import { pairingChannel, pairingCommitment, pairingProof } from '../../../main/keys/pairing'
import type { PairedContent } from '../../../main/pairing/offer-side'
import {
  encodeDocument,
  encodeEnd,
  encodePairingHello,
  encodePerson,
  type PairingMessage,
  pairingKind,
  pairingVersion,
} from '../../../main/pairing/pairing-messages'
import { openChannelOf, type Port } from '../../../main/sync/wire/channel'
import { HardenedMux } from '../../../main/sync/wire/hardened-mux'
import { duplexPair, type PairEnd } from '../../support/duplex-pair'
import { unplaced } from '../../support/sim-network'
import type { ManualNetwork, World } from '../sync/world'

/** A computer that knows a pairing secret, or says so, and says what a test wants it to say. */
export class PairingPeer {
  readonly stream: PairEnd
  readonly mux: HardenedMux
  readonly port: Port<PairingMessage>
  readonly handshakeHash: Uint8Array
  readonly publicKey: Uint8Array
  /** The number that its hello binds it to, where it is the offering side. */
  readonly number: Uint8Array
  readonly heard: { type: PairingMessage; body: Uint8Array }[] = []
  /** First message of the other side; null before. */
  hello: Uint8Array | null = null

  constructor(
    { world, network }: { world: World; network: ManualNetwork },
    secret: Uint8Array,
    side: PairingSide,
    options: {
      publicKey?: Uint8Array
      version?: number
      /** Says this instead of a sound hello. */
      hello?: (handshakeHash: Uint8Array) => Uint8Array
      /** Opens the channel again on this one's connection, where it ended. */
      over?: PairingPeer
    } = {},
  ) {
    const { over } = options
    this.handshakeHash = over?.handshakeHash ?? world.random.bytes(64)
    this.publicKey = over?.publicKey ?? options.publicKey ?? world.random.bytes(32)
    this.number = world.random.bytes(32)
    const { handshakeHash, number } = this
    if (over) {
      this.stream = over.stream
      this.mux = over.mux
    } else {
      const [near, far] = duplexPair()
      this.stream = near
      this.mux = new HardenedMux(near)
      network.emit('connection', {
        stream: far,
        isInitiator: false,
        remotePublicKey: this.publicKey,
        handshakeHash,
        ...unplaced,
      })
    }
    const { mux } = this
    const hello =
      options.hello?.(handshakeHash) ??
      encodePairingHello({
        version: options.version ?? pairingVersion,
        proof: pairingProof(secret, side, handshakeHash),
        commitment: side === 'offer' ? pairingCommitment(secret, handshakeHash, number) : Buffer.alloc(0),
      })
    const port = openChannelOf(pairingKind, {
      mux,
      id: pairingChannel(secret, handshakeHash),
      hello,
      listener: {
        onOpen: (bytes) => {
          this.hello = Uint8Array.from(bytes)
        },
        onMessage: (type, body) => this.heard.push({ type, body: Uint8Array.from(body) }),
        onDrain: () => undefined,
        onClose: () => undefined,
      },
    })
    if (!port) throw new Error('no channel')
    this.port = port
  }

  get ended(): boolean {
    return this.stream.destroyed
  }

  get types(): PairingMessage[] {
    return this.heard.map(({ type }) => type)
  }

  send(type: PairingMessage, body: Uint8Array = Buffer.alloc(0)): void {
    this.port.send(type, body)
  }

  /** Says all that the offering side says when its person has allowed it. */
  bring({ person, documents }: PairedContent): void {
    this.send('person', encodePerson(person))
    for (const document of documents) this.send('document', encodeDocument(document))
    this.send('end', encodeEnd(documents.length))
  }
}
