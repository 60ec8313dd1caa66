import type { Caret, Person } from '../../preload/contract/document'
import type { OpenDocument } from '../document/open-document'
import { isOwnDevice } from '../keys/devices'
import { fingerprint, type Identity } from '../keys/identity'
import type { DocumentSync } from '../sync/document-sync'
import { DerivedValue } from './derived-value'
import { assignColors } from './person-colors'

/** Dependencies and callbacks of `DocumentPresence`. */
export interface DocumentPresenceOptions {
  readonly peers: () => DocumentSync
  /** This person, as others see them. */
  readonly self: () => { name: string; identity: Identity }
  readonly document: Pick<OpenDocument, 'version' | 'isJournaled' | 'setCarets' | 'carets'>
  /** Called when the peers, or something about them besides their carets, changed: `report` is due. */
  readonly onPeers: () => void
  /** Called when the people present changed. */
  readonly onPeople: (people: Person[]) => void
  /** Called when others' carets changed, with the version of the text that they are places in. */
  readonly onCarets: (version: number, carets: Caret[]) => void
}

/** The people at an open document: those present, their carets, and this person's caret. */
export class DocumentPresence {
  private readonly options: DocumentPresenceOptions
  /** This person's caret, as the replica encodes it; null for nowhere. */
  private caret: Uint8Array | null = null
  private stopPeers: () => void
  private readonly changedPeople: DerivedValue<Person[]>
  private isStopped = false
  private arePeopleDirty = false
  private areCaretsDirty = false

  constructor(options: DocumentPresenceOptions) {
    this.options = options
    this.changedPeople = new DerivedValue({ compute: () => this.presentPeople(), onChange: options.onPeople })
    this.stopPeers = this.followPeers()
  }

  /** Returns the people present, without this one. Reports them if they changed, and looks for their carets. */
  people(): readonly Person[] {
    if (this.arePeopleDirty) this.findCarets()
    this.arePeopleDirty = false
    return this.changedPeople.update()
  }

  /** Returns others' carets in the newest version of the text. */
  carets(): Caret[] {
    return this.options.document.carets
  }

  /** Sets this person's caret, and sends it to the peers. */
  setCaret(caret: Uint8Array | null): void {
    this.caret = caret
    this.announce()
  }

  /** Sends this person's name and caret to the peers. */
  announce(): void {
    this.options.peers().setPresence({ ...this.options.self(), caret: this.caret })
  }

  /** Follows the peers that `peers` returns after a reconnection, unless it was stopped. */
  reconnect(): void {
    if (this.isStopped) return
    this.stopPeers()
    this.stopPeers = this.followPeers()
    this.markPeople()
    this.announce()
  }

  /** Stops following the peers. Idempotent. */
  stop(): void {
    this.isStopped = true
    this.stopPeers()
  }

  /** Marks the people present, who may have changed, for the next report. */
  markPeople(): void {
    this.arePeopleDirty = true
  }

  /** Marks others' carets, which moved otherwise than with the text. */
  markCarets(): void {
    this.areCaretsDirty = true
  }

  /** Reports the people if they were marked and changed. */
  report(): void {
    if (this.arePeopleDirty) this.people()
  }

  /** Reports the carets if they were marked. */
  reportCarets(): void {
    if (!this.areCaretsDirty) return
    this.areCaretsDirty = false
    this.options.onCarets(this.options.document.version, this.carets())
  }

  /** Gives the peers' carets to the document, which finds new ones in the text. */
  private findCarets(): void {
    const { peers, document } = this.options
    document.setCarets(peers().peers.flatMap(({ key, caret }) => (caret ? [{ key, caret }] : [])))
  }

  private followPeers(): () => void {
    const { peers, onPeers } = this.options
    const stopWatching = peers().watch()
    const stopListening = peers().onChange((change) => {
      if (change === 'carets') {
        this.findCarets()
        return
      }
      this.markPeople()
      onPeers()
    })
    return () => {
      stopListening()
      stopWatching()
    }
  }

  private presentPeople(): Person[] {
    const { document, peers, self } = this.options
    const present = peers().peers
    const colors = assignColors(present)
    return present.flatMap((peer) => {
      const { key, name, authorKey, role } = peer
      if (role === 'keep' || peer.outdated) return []
      const person: Person = {
        key,
        name,
        fingerprint: authorKey ? fingerprint(authorKey) : '',
        own: isOwnDevice(peer, self().identity),
        role,
        color: colors.get(key) ?? 0,
        hasMine: peer.coversMine && !document.isJournaled,
      }
      return [person]
    })
  }
}
