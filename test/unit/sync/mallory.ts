import { hex } from '../../../main/base/hex'
import { type DocumentKeys, keysFromRead, makeManifest } from '../../../main/keys/derive'
import type { DocumentLog } from '../../../main/log/document-log'
import { noMark, type Segment } from '../../../main/log/format/segment'
import type { SessionLog } from '../../../main/log/session-log'
import { provePossession } from '../../../main/sync/replicas/possession'
import {
  type Answer,
  decodeAsk,
  encodeSigned,
  questionSize,
  signReceipt,
} from '../../../main/sync/replicas/signed-receipt'
import { wireVersion } from '../../../main/sync/sync'
import { channelId, openChannel, type Port } from '../../../main/sync/wire/channel'
import { HardenedMux } from '../../../main/sync/wire/hardened-mux'
import { makeHello } from '../../../main/sync/wire/hello'
import { type Instance, makeInstance } from '../../../main/sync/wire/instance'
import { makeIntroduction } from '../../../main/sync/wire/introduction'
import {
  decodeCredit,
  decodeWant,
  type Entry,
  encodeReceipt,
  encodeVector,
  type MessageType,
} from '../../../main/sync/wire/messages'
import { duplexPair, type PairEnd } from '../../support/duplex-pair'
import { listOf, openMatch } from '../../support/say-match'
import { unplaced } from '../../support/sim-network'
import { type Site, World } from './world'

/** A peer that says what a test wants it to say, with the keys of some role. */
export class Mallory {
  readonly stream: PairEnd
  readonly port: Port
  readonly instance: Instance
  readonly heard: { type: MessageType; body: Uint8Array }[] = []
  readonly publicKey: Uint8Array
  /** True once the victim has closed the channel. */
  closed = false
  private readonly victim: Site

  constructor(
    victim: Site,
    keys: DocumentKeys,
    options: {
      hello?: Uint8Array
      /** Introduction that it sends; null for none. */
      introduction?: Uint8Array | null
      instance?: Instance
      publicKey?: Uint8Array
      /** The version that its hello names. */
      version?: number
      /** Says the proof of the side that was dialled. */
      wrongSide?: boolean
    } = {},
  ) {
    const { environment, random } = victim.world
    this.victim = victim
    const [near, far] = duplexPair()
    const handshakeHash = random.bytes(64)
    this.stream = near
    this.publicKey = options.publicKey ?? random.bytes(32)
    this.instance = options.instance ?? makeInstance(keys, keys.role, random.bytes(32))
    const connection = {
      stream: near,
      isInitiator: true,
      remotePublicKey: victim.network.publicKey,
      handshakeHash,
      ...unplaced,
    }
    const mux = new HardenedMux(near)
    victim.network.emit('connection', {
      stream: far,
      isInitiator: false,
      remotePublicKey: this.publicKey,
      handshakeHash,
      ...unplaced,
    })
    openMatch(mux, connection).send('list', listOf([keys.keep], connection, environment))
    const hello =
      options.hello ??
      makeHello({
        version: options.version ?? wireVersion,
        keys,
        instance: this.instance,
        connection: options.wrongSide ? { ...connection, isInitiator: false } : connection,
      })
    const {
      introduction = makeIntroduction({
        ...{ keys, instance: this.instance, name: 'Mallory', connection },
        random: environment.random,
      }),
    } = options
    const port: Port | null = openChannel({
      mux,
      id: channelId(keys.keep, connection),
      hello,
      listener: {
        onOpen: () => {
          if (introduction) port?.send('introduction', introduction)
        },
        onMessage: (type: MessageType, body) => this.heard.push({ type, body: Uint8Array.from(body) }),
        onDrain: () => undefined,
        onClose: () => {
          this.closed = true
        },
      },
    })
    if (!port) throw new Error('no channel')
    this.port = port
  }

  send(type: MessageType, body: Uint8Array): void {
    this.port.send(type, body)
  }

  /** Bodies of the received messages of one type. */
  all(type: MessageType): Uint8Array[] {
    return this.heard.filter((message) => message.type === type).map(({ body }) => body)
  }

  /** The sessions that it was asked for. */
  get asked(): string[] {
    return this.all('want').map((body) => decodeWant(body).session)
  }

  /** Bytes that it was granted. */
  get granted(): number {
    return this.all('credit').reduce((sum, body) => sum + decodeCredit(body), 0)
  }

  /** Says that it holds nothing, as an honest new peer does, or some sessions. */
  vector(entries: readonly Entry[] = []): void {
    this.send('vector', encodeVector({ last: true, entries }))
  }

  receipt(session: SessionLog | string, tip: number): void {
    const id = typeof session === 'string' ? session : hex(session.session)
    const held = this.victim.log.vector.get(id)
    // At the victim's own tip another mark would be another history.
    const mark = held?.tip === tip ? held.mark : noMark
    this.send('receipt', encodeReceipt([[id, { base: 0, tip, mark }]]))
  }

  /** Answers a question with what a log holds, or with an answer that a test changed. */
  async answer(
    log: Pick<DocumentLog, 'vector' | 'tipProofAt' | 'segments'>,
    body: Uint8Array,
    change = (answer: Answer): Answer => answer,
  ): Promise<void> {
    const { nonce, signed, spots } = decodeAsk(body)
    const tips = spots.map(({ session, tip }, place) => {
      const held = log.vector.get(session)?.tip ?? 0
      return place < signed ? held : Math.min(tip, held)
    })
    const held = spots.map((spot, place) => ({ ...spot, tip: tips[place] ?? 0 })).filter(({ tip }) => tip > 0)
    const instance = this.instance.pair.publicKey
    const proof = await provePossession(log, { nonce, instance, spots: held })
    const receipts = spots.slice(0, signed).flatMap(({ session }) => {
      const extent = log.vector.get(session)
      return extent ? [signReceipt(this.instance, { session, ...extent, at: 1 })] : []
    })
    const answer = { question: nonce.subarray(0, questionSize), proof: proof ?? noMark, tips, receipts }
    this.send('signed', encodeSigned(change(answer)))
  }

  segment(segment: Segment, certificate?: Uint8Array): void {
    if (certificate) this.send('certificate', certificate)
    this.send('segment', segment.bytes)
  }
}

/** Returns the keys of a reader of the world's document. */
export const readKeys = (world: World): DocumentKeys =>
  keysFromRead(world.keys.read ?? Buffer.alloc(32), makeManifest(world.keys))

/** Makes a world with Ada, to whom Mallory is connected in a role. */
export async function meetMallory(role: 'write' | 'read' = 'read') {
  const world = new World()
  const ada = await world.site('Ada')
  const mallory = new Mallory(ada, role === 'read' ? readKeys(world) : world.keys)
  await world.until(() => mallory.all('have').length > 0)
  mallory.vector()
  await world.until(() => ada.peers.peers.length === 1)
  return { world, ada, mallory }
}

/** Makes segments of a session, with one change of `size` bytes each. */
export const segmentsOf = (world: World, session: SessionLog, count: number, size = 50): Segment[] =>
  Array.from({ length: count }, () =>
    session.seal([{ bytes: world.random.bytes(size), hash: world.random.bytes(32) }]),
  )
