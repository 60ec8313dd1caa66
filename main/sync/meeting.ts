import type { Environment } from '../base/environment'
import { isForeignFault } from '../base/errors'
import type { Connection } from '../network/network'
import { Openings } from './budget/openings'
import type { WorkShare } from './budget/work-budget'
import { Matching, matchTypes } from './matching/matching'
import { SlicedWork } from './matching/sliced-work'
import type { PeerSync } from './peer-sync'
import type { SharedDocument } from './shared-document'
import {
  channelId,
  isChannelOpen,
  openChannel,
  openChannelOf,
  type Port,
  type PortListener,
  pairAllChannels,
} from './wire/channel'
import type { HardenedMux } from './wire/hardened-mux'

/** Bytes of the connection's hash that are the id of the channel for matching. Rule W80. */
const matchIdSize = 32

/** Dependencies of a Meeting. */
export interface MeetingOptions {
  readonly connection: Connection
  readonly mux: HardenedMux
  readonly share: WorkShare
  readonly environment: Environment
  /** Returns all documents that are shared, the one that was used last first. */
  readonly documents: () => Iterable<SharedDocument>
  readonly isShared: (document: SharedDocument) => boolean
  /** Returns true while this side relays for its peers, which it tells them over a channel. */
  readonly isRelaying: () => boolean
  /** Called for a document that the peer shows that it shares; the returned function is called when that is over. */
  readonly onShared: (document: SharedDocument) => () => void
  /** Called when this side has said which documents it shares, as far as the peer can tell. */
  readonly onSaid: () => void
  /** Turns the peer away for a while. */
  readonly refuse: () => void
}

/**
 * One connection: which documents both sides share, and the channels of those that have something to say. Rules W8, W9,
 * W80 to W83.
 */
export class Meeting {
  readonly mux: HardenedMux
  private readonly options: MeetingOptions
  private readonly work: SlicedWork
  private readonly matching: Matching<SharedDocument>
  private readonly openings: Openings<SharedDocument>
  /** The documents that both sides share, by the channel's id. */
  private readonly matched = new Map<string, SharedDocument>()
  /** Functions that end what depends on each of them. */
  private readonly endings = new Map<string, () => void>()
  private openChannels = 0
  private knowsRelay = false

  constructor(options: MeetingOptions) {
    const { connection, mux, share, environment, documents, isShared, isRelaying, onSaid } = options
    this.options = options
    this.mux = mux
    this.work = new SlicedWork({ clock: environment.clock, share, together: (run) => this.together(run) })
    this.openings = new Openings((document) => this.open(document))
    const port = this.openMatching()
    this.matching = new Matching<SharedDocument>({
      connection,
      environment,
      port: () => port,
      work: this.work,
      documents,
      isShared,
      onGone: (document) => this.onGone(document),
      onMatch: (document, isEqual) => this.onMatch(document, isEqual),
      onCompared: () => {
        if (isRelaying()) this.tellRelay()
      },
      onSaid,
    })
    pairAllChannels(mux, (id) => this.answer(id))
  }

  /** True once the peer has shown that it shares a document. */
  get hasMatched(): boolean {
    return this.matching.hasMatched
  }

  /** True while this side makes the list of what it shares. */
  get isListing(): boolean {
    return this.matching.isListing
  }

  /** Matches a document too, which was shared since. */
  add(document: SharedDocument): void {
    this.matching.add(document)
  }

  /** Forgets a document that is not shared any more. */
  remove(document: SharedDocument): void {
    this.matching.remove(document)
    this.openings.cancel(document)
    this.unmatch(document)
  }

  /** Notes that a document has news, which has to be said if it was not yet. */
  noteUse(document: SharedDocument): void {
    this.matching.noteUse(document)
  }

  /** Opens the channel of a document that both sides share, as soon as there is room. */
  request(document: SharedDocument): void {
    document.resting.delete(this)
    this.openings.request(document)
  }

  /** Opens a channel if the peer does not know yet that this side relays. Rule N12. */
  tellRelay(): void {
    const [document] = this.matched.values()
    if (this.knowsRelay || !document || !this.openings.isIdle) return
    this.knowsRelay = true
    if (this.openChannels === 0) this.request(document)
  }

  /** Notes that the key changed, by which this side relays. */
  relayChanged(): void {
    this.knowsRelay = false
    if (this.options.isRelaying()) this.tellRelay()
  }

  /** Ends with the connection. */
  end(): void {
    this.matching.end()
    this.work.end()
    this.openings.end()
    for (const document of this.matched.values()) document.resting.delete(this)
    this.matched.clear()
    for (const end of this.endings.values()) end()
    this.endings.clear()
  }

  private together(run: () => void): void {
    this.mux.cork()
    try {
      run()
    } finally {
      this.mux.uncork()
    }
  }

  private openMatching(): Port<(typeof matchTypes)[number]> | null {
    const { mux, connection } = this.options
    return openChannelOf(
      { protocol: 'swarmpad/match', types: matchTypes },
      {
        mux,
        id: connection.handshakeHash.subarray(0, matchIdSize),
        hello: new Uint8Array(0),
        listener: {
          onOpen: () => undefined,
          onMessage: (type, body) => this.take(type, body),
          onDrain: () => undefined,
          onClose: () => undefined,
        },
      },
    )
  }

  /** The connection ends by the error. Rule W10. */
  private take(type: (typeof matchTypes)[number], body: Uint8Array): void {
    try {
      this.matching.take(type, body)
    } catch (error) {
      if (isForeignFault(error) && this.hasMatched) this.options.refuse()
      throw error
    }
  }

  private onMatch(document: SharedDocument, isEqual: boolean): void {
    if (!this.options.isShared(document)) return
    const key = this.keyOf(document)
    this.matched.set(key, document)
    if (!this.endings.has(key)) this.endings.set(key, this.options.onShared(document))
    if (isChannelOpen(this.mux, this.idOf(document))) return
    if (!isEqual || document.wantsPeers) this.request(document)
    else document.resting.add(this)
  }

  /** The peer left the document: its channel is closed, or is about to be. Rule W9. */
  private onGone(document: SharedDocument): void {
    this.openings.cancel(document)
    this.unmatch(document)
  }

  /** Answers the peer's opening of a channel, once everything was compared that the peer said before. Rule W8. */
  private answer(id: Uint8Array): Promise<void> | void {
    const answer = (): Promise<void> | void => {
      const document = this.matched.get(keyOfId(id))
      if (!document) return
      if (document.awake) this.open(document)
      else return document.wake().then(() => (this.isReady(document) ? void this.open(document) : undefined))
    }
    return this.work.idle()?.then(answer) ?? answer()
  }

  /** Opens a document's channel, unless that is open. Returns false for want of room, or while the connection ends. */
  private open(document: SharedDocument): boolean {
    const { mux, options } = this
    const { connection, refuse } = options
    const id = this.idOf(document)
    if (isChannelOpen(mux, id) || !options.isShared(document)) return true
    if (!mux.hasRoom) return false
    const { awake } = document
    document.resting.delete(this)
    if (!awake) {
      this.wake(document)
      return true
    }
    const { sync } = awake
    const peer = sync.addPeer(connection)
    peer.on('misbehaved', refuse)
    const listener = this.listenerOf(document, peer)
    const ofParts = awake.document.parts?.flatMap(({ messages }) => messages)
    const port = openChannel({ mux, id, hello: sync.hello(connection), listener }, ofParts)
    if (port) peer.attach(port)
    else listener.onClose()
    return true
  }

  /** Has a document's log opened for its channel, and counts the channel meanwhile. */
  private wake(document: SharedDocument): void {
    const counted = this.openings.countOpened()
    void document.wake().then(() => {
      counted.ended()
      if (this.isReady(document)) this.request(document)
    })
  }

  /** True for a document whose log could be opened, and that the peer still shares. */
  private isReady(document: SharedDocument): boolean {
    return document.awake !== null && this.matched.get(this.keyOf(document)) === document
  }

  private listenerOf(document: SharedDocument, peer: PeerSync): PortListener<string> {
    const counted = this.openings.countOpened()
    let isOpen = false
    return {
      onOpen: (hello) => {
        isOpen = true
        this.openChannels++
        this.knowsRelay = true
        peer.onOpen(hello)
        counted.answered()
      },
      onMessage: (type, body) => peer.onMessage(type, body),
      onDrain: () => peer.onDrain(),
      onClose: () => {
        if (isOpen) this.openChannels--
        peer.onClose()
        this.onClosed(document, peer)
        // The library says the end after this call, and a channel opened before that would get the same number.
        queueMicrotask(() => counted.ended())
      },
    }
  }

  /** A channel that did not close in agreement is of a document that the peer does not share any more. Rule W9. */
  private onClosed(document: SharedDocument, peer: PeerSync): void {
    if (!this.options.isShared(document)) return
    if (!peer.isResting) {
      this.unmatch(document)
      this.matching.forget(document)
    } else if (!this.matched.has(this.keyOf(document))) return
    else if (document.wantsPeers || peer.mayLack(document.digest()))
      queueMicrotask(() => this.request(document))
    else document.resting.add(this)
  }

  private unmatch(document: SharedDocument): void {
    const key = this.keyOf(document)
    document.resting.delete(this)
    this.matched.delete(key)
    this.endings.get(key)?.()
    this.endings.delete(key)
  }

  private idOf({ keep }: SharedDocument): Uint8Array {
    return channelId(keep, this.options.connection)
  }

  private keyOf(document: SharedDocument): string {
    return keyOfId(this.idOf(document))
  }
}

/** Returns a key of a Map for a channel's id: shorter than all of it in hex, one character a byte. */
const keyOfId = (id: Uint8Array): string => Buffer.from(id).toString('latin1', 0, 16)
