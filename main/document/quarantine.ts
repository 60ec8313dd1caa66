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

/** Edits of one person that are not in the text, or that may not reach everyone. */
export interface LeftOut {
  /** Identifier within its document, stable across restarts. */
  key: string
  /** Name of their author, from the certificate. */
  name: string
  /** '' if the certificate names no valid author; then the name is '' too. */
  fingerprint: string
  /** 'unreadable': left out of the text. 'two-histories': two copies of a running program wrote as one. */
  kind: 'unreadable' | 'two-histories'
  /** This person has dismissed the notice. */
  dismissed: boolean
}

/** Edits that are left out, with their details. */
export interface LeftOutDetails extends LeftOut {
  /** Why, as a sentence. */
  reason: string
  /** The edits missing from the text; null for two histories. */
  lost: {
    /** Number of the first edit left out, from 1. */
    first: number
    edits: number
    /** Bytes on disk. */
    size: number
    /** The size is a lower bound: counting stopped. */
    more: boolean
    /** Beginning of the text that can be recovered from them; '' for none. */
    text: string
  } | null
}

/** Most entries that are listed. */
const maxListed = 50
/** Most bytes of segments, of all sessions, that are counted for sizes. */
const maxCounted = 64 * 1024 * 1024
/** Segments of a session that are opened for an excerpt. */
const maxOpened = 4
/** Longest excerpt, in UTF-16 code units. */
const maxExcerpt = 2_000

/** Options of `Quarantine`. */
export interface QuarantineOptions {
  readonly log: DocumentLog
  readonly contentKey: Uint8Array
  readonly faults: () => readonly Fault[]
  /** Starts threads that open segments with left-out edits. */
  readonly startReplica: StartReplica
  readonly clock: Clock
  /** Keys of entries whose notice the person dismissed. */
  readonly dismissed: () => readonly string[]
  readonly sentences: QuarantineSentences
}

interface Entry {
  readonly kind: LeftOut['kind']
  readonly session: SessionId
  /** The reason; null for two histories. */
  readonly fault: Fault | null
}

interface ListedEntry extends Entry {
  readonly dismissed: boolean
}

/**
 * The sessions of an open document that are not read to their end (rule D5), and those that wrote two histories (rule
 * S8): their authors, the reasons, and the edits that are missing.
 */
export class Quarantine {
  private readonly options: QuarantineOptions
  /** By certificate, since a session may get another with its other history. */
  private readonly authors = new WeakMap<Uint8Array, NamedAuthor>()
  private listedState: readonly unknown[] = [0, undefined, 0, null]
  private listedEntries: readonly ListedEntry[] = []

  constructor(options: QuarantineOptions) {
    this.options = options
  }

  /** Returns the entries, those not dismissed first, 50 at most. */
  list(): LeftOut[] {
    return this.listed().map(({ kind, session, dismissed }) => {
      const { name, fingerprint } = this.authorOf(session)
      return { key: keyOf(kind, session), name, fingerprint, kind, dismissed }
    })
  }

  /** Returns the keys of all entries, also of those past the limit of `list`. */
  keys(): string[] {
    return this.all().map(({ kind, session }) => keyOf(kind, session))
  }

  /** Returns the details of each entry of `list`. Rejects with STORE_DAMAGED. */
  async details(): Promise<LeftOutDetails[]> {
    const salvager = this.salvager()
    const budget = { bytes: maxCounted }
    const details: LeftOutDetails[] = []
    try {
      for (const { fault, session, ...entry } of this.listed()) {
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

  /** Returns all edits that are left out, as a file. */
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

  /** Returns the first fault of each session. */
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
  private listed(): readonly ListedEntry[] {
    const faults = this.options.faults()
    const dismissed = this.options.dismissed()
    // Faults are appended or all replaced, and forks are only added.
    const state = [faults.length, faults.at(-1), this.options.log.forks().size, dismissed]
    if (this.isFull(faults, dismissed)) return this.listedEntries
    if (state.some((part, index) => part !== this.listedState[index])) {
      this.listedState = state
      const away = new Set(dismissed)
      this.listedEntries = this.all()
        .map((entry) => ({ ...entry, dismissed: away.has(keyOf(entry.kind, entry.session)) }))
        .sort((a, b) => Number(a.dismissed) - Number(b.dismissed))
        .slice(0, maxListed)
    }
    return this.listedEntries
  }

  /** True if the list is full and later entries cannot change it; saves counting thousands each time. */
  private isFull(faults: readonly Fault[], dismissed: readonly string[]): boolean {
    if (this.listedEntries.length < maxListed || dismissed !== this.listedState[3]) return false
    return this.listedEntries.every((entry) => !entry.dismissed) && faults[0] === this.listedEntries[0]?.fault
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
