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
  readonly document: Pick<OpenDocument, 'version' | 'isJournaled' | 'find'>
  /** Called when the peers, or something about them, changed. */
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
  private placed: readonly Caret[] = []
  private stopPeers: () => void
  private readonly changedPeople: DerivedValue<Person[]>
  private readonly changedCarets: DerivedValue<{ version: number; carets: Caret[] } | null>

  constructor(options: DocumentPresenceOptions) {
    this.options = options
    const { document, onPeople, onCarets } = options
    this.changedPeople = new DerivedValue({ compute: () => this.people(), onChange: onPeople })
    this.changedCarets = new DerivedValue<{ version: number; carets: Caret[] } | null>({
      compute: () => (this.placed.length === 0 ? null : { version: document.version, carets: this.carets() }),
      onChange: () => onCarets(document.version, this.carets()),
      initial: null,
    })
    this.stopPeers = this.followPeers()
  }

  /** Returns the people present, without this one. */
  people(): Person[] {
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

  /** Returns others' carets, as they were last found in the text. */
  carets(): Caret[] {
    return [...this.placed]
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

  /** Follows the peers that `peers` returns after a reconnection. */
  reconnect(): void {
    this.stop()
    this.stopPeers = this.followPeers()
    this.announce()
  }

  /** Stops following the peers. Idempotent. */
  stop(): void {
    this.stopPeers()
  }

  /** Reports the people present if they changed. */
  updatePeople(): void {
    this.changedPeople.update()
  }

  /** Looks up the peers' carets in the text; `setCarets` takes the answer. */
  findCarets(): void {
    const { peers, document } = this.options
    const carets = peers().peers.flatMap(({ key, caret }) => (caret ? [{ key, caret }] : []))
    if (carets.length > 0) document.find(carets)
    else this.setCarets([])
  }

  /** Sets the places of others' carets in the newest version of the text. */
  setCarets(carets: readonly Caret[]): void {
    this.placed = carets
    this.changedCarets.update()
  }

  private followPeers(): () => void {
    const { peers, onPeers } = this.options
    return peers().onChange(() => {
      this.updatePeople()
      onPeers()
      this.findCarets()
    })
  }
}
