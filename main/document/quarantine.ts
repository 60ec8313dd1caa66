import type { LeftOut, LeftOutDetails } from '../../preload/contract'
import type { Clock } from '../base/environment'
import { hex } from '../base/hex'
import { fingerprint } from '../keys/identity'
import { authorOf } from '../log/authors'
import type { DocumentLog } from '../log/document-log'
import type { Segment } from '../log/format/segment'
import type { SessionId } from '../log/format/version-vector'
import type { Fault } from '../replica/intake'
import { type NamedAuthor, QuarantineFile, type QuarantineSentences } from './quarantine-file'
import type { StartReplica } from './replica-thread'
import { Salvager } from './salvager'

/** Most sessions that are reported. */
const maxTold = 50
/** Segments of all sessions together that are looked at for telling their size, in bytes. */
const maxCounted = 64 * 1024 * 1024
/** Segments of a session that are opened for telling what was written. */
const maxOpened = 4
/** Longest excerpt of the text that was written, in UTF-16 code units. */
const maxExcerpt = 2_000

/** Options of `Quarantine`. */
export interface QuarantineOptions {
  readonly log: DocumentLog
  readonly contentKey: Uint8Array
  readonly faults: () => readonly Fault[]
  /** Starts threads that open what was left out. */
  readonly startReplica: StartReplica
  readonly clock: Clock
  /** Keys of entries whose notice the person dismissed. */
  readonly dismissed: () => readonly string[]
  readonly sentences: QuarantineSentences
}

interface Entry {
  readonly kind: LeftOut['kind']
  readonly session: SessionId
  /** Why it is unreadable; null for two histories. */
  readonly fault: Fault | null
}

interface ToldEntry extends Entry {
  readonly dismissed: boolean
}

/**
 * The sessions of an open document that are not read to their end (rule D5), and those that wrote two
 * histories (rule S8): whose they are, why, and what is in them.
 */
export class Quarantine {
  private readonly options: QuarantineOptions
  /** By certificate, since a session may get another with its other history. */
  private readonly authors = new WeakMap<Uint8Array, NamedAuthor>()
  private toldState: readonly unknown[] = [0, undefined, 0, null]
  private toldEntries: readonly ToldEntry[] = []

  constructor(options: QuarantineOptions) {
    this.options = options
  }

  /** Returns the entries, those not dismissed first, 50 at most. */
  list(): LeftOut[] {
    return this.told().map(({ kind, session, dismissed }) => {
      const { name, fingerprint } = this.authorOf(session)
      return { key: keyOf(kind, session), name, fingerprint, kind, dismissed }
    })
  }

  /** Keys of all there is, however much it is. */
  keys(): string[] {
    return this.all().map(({ kind, session }) => keyOf(kind, session))
  }

  /** Returns the details of each entry of `list`. Rejects with STORE_DAMAGED. */
  async details(): Promise<LeftOutDetails[]> {
    const salvager = this.salvager()
    const budget = { bytes: maxCounted }
    const details: LeftOutDetails[] = []
    try {
      for (const { fault, session, ...entry } of this.told()) {
        const key = keyOf(entry.kind, session)
        const { name, fingerprint } = this.authorOf(session)
        const reason = this.options.sentences.reason(fault?.code ?? 'TWO_HISTORIES')
        const lost = fault && (await this.lost(fault, salvager, budget))
        details.push({ key, name, fingerprint, reason, lost, ...entry })
      }
    } finally {
      salvager.close()
    }
    return details
  }

  /** All edits that are left out, as a file. */
  export(title: string): QuarantineFile {
    return new QuarantineFile({
      title,
      faults: this.faults(),
      log: this.options.log,
      authorOf: (session) => this.authorOf(session),
      salvager: () => this.salvager(),
      sentences: this.options.sentences,
    })
  }

  private salvager(): Salvager {
    const { contentKey, startReplica, clock } = this.options
    return new Salvager({ contentKey, startReplica, clock })
  }

  /** Each session once, with the first change that is left out of it. */
  private faults(): Fault[] {
    const found = new Map<SessionId, Fault>()
    for (const fault of this.options.faults())
      if (fault.seq < (found.get(fault.session)?.seq ?? Infinity)) found.set(fault.session, fault)
    return [...found.values()]
  }

  private all(): Entry[] {
    return [
      ...this.faults().map((fault) => ({ kind: 'unreadable' as const, session: fault.session, fault })),
      ...[...this.options.log.forks().keys()].map((session) => ({
        kind: 'two-histories' as const,
        session,
        fault: null,
      })),
    ]
  }

  /**
   * Selects the entries before anyone's certificate is opened, and once per state: a writer may have begun
   * thousands of sessions, and the status is rebuilt with each keystroke.
   */
  private told(): readonly ToldEntry[] {
    const faults = this.options.faults()
    const dismissed = this.options.dismissed()
    // Faults come behind one another or are all replaced, and forks are never taken back.
    const state = [faults.length, faults.at(-1), this.options.log.forks().size, dismissed]
    if (this.isFull(faults, dismissed)) return this.toldEntries
    if (state.some((part, index) => part !== this.toldState[index])) {
      this.toldState = state
      const away = new Set(dismissed)
      this.toldEntries = this.all()
        .map((entry) => ({ ...entry, dismissed: away.has(keyOf(entry.kind, entry.session)) }))
        .sort((a, b) => Number(a.dismissed) - Number(b.dismissed))
        .slice(0, maxTold)
    }
    return this.toldEntries
  }

  /** True if the list is full and later entries cannot change it; saves counting thousands each time. */
  private isFull(faults: readonly Fault[], dismissed: readonly string[]): boolean {
    if (this.toldEntries.length < maxTold || dismissed !== this.toldState[3]) return false
    return this.toldEntries.every((entry) => !entry.dismissed) && faults[0] === this.toldEntries[0]?.fault
  }

  private authorOf(session: SessionId): NamedAuthor {
    const { log, contentKey } = this.options
    const certificate = log.certificate(session)
    const known = certificate && this.authors.get(certificate)
    if (known) return known
    const author = authorOf({ log, content: contentKey }, session)
    const named = author
      ? { authorKey: hex(author.authorKey), name: author.name, fingerprint: fingerprint(author.authorKey) }
      : { authorKey: '', name: '', fingerprint: '' }
    if (certificate) this.authors.set(certificate, named)
    return named
  }

  private async lost(
    { session, seq: first }: Fault,
    salvager: Salvager,
    budget: { bytes: number },
  ): Promise<LeftOutDetails['lost']> {
    const { log } = this.options
    const opening: Segment[] = []
    let size = 0
    let more = false
    for await (const { bytes, ...segment } of log.segments(session, first - 1)) {
      budget.bytes -= bytes.length
      more = budget.bytes < 0
      if (more) break
      size += bytes.length
      if (opening.length < maxOpened) opening.push({ ...segment, bytes })
    }
    let text = ''
    for (const segment of opening) {
      if (text.length >= maxExcerpt) break
      for (const change of (await salvager.salvage(segment, first)) ?? []) text += change.text
    }
    const edits = log.tip(session) - first + 1
    return { first, edits, size, more, text: text.slice(0, maxExcerpt).toWellFormed() }
  }
}

const keyOf = (kind: LeftOut['kind'], session: SessionId): string => `${kind}:${session}`
