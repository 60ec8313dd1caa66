import type { DocumentStatus } from '../../preload/contract/document'
import { leftOutWords } from '../../preload/left-out-words'
import type { Clock } from '../base/environment'
import { sameData } from '../base/same-data'
import type { OpenDocument } from '../document/open-document'
import type { Quarantine } from '../document/quarantine'
import type { Identity } from '../keys/identity'
import type { DocumentLog } from '../log/document-log'
import type { Reachability } from '../network/network'
import type { DocumentSync } from '../sync/document-sync'
import { type StatusInputs, type StatusPart, statusParts } from './document-status'
import { isSaved, SavingWatch } from './saving-watch'
import { troubleWords } from './trouble-words'

/** Interval, in ms, after which a report looks at everything, also at what nothing has signalled. */
const wholeInterval = 1_000

/** Sources of a document's status, and callbacks for its changes. */
export interface StatusReporterOptions {
  readonly clock: Clock
  readonly document: Pick<
    OpenDocument,
    'version' | 'savedVersion' | 'loading' | 'isCurrent' | 'isJournaled' | 'faults' | 'trouble'
  >
  readonly log: Pick<
    DocumentLog,
    'problem' | 'shortage' | 'onProblem' | 'onShortage' | 'onFork' | 'onDamaged' | 'onMended'
  > & { readonly health: Pick<DocumentLog['health'], 'isDamaged'> }
  readonly quarantine: Pick<Quarantine, 'list'>
  readonly peers: () => Pick<DocumentSync, 'peers' | 'unshared' | 'replicas' | 'connectedReplicas'>
  readonly reachability: () => Reachability
  readonly self: () => { identity: Identity }
  /** True if someone else has the document or was given a link to it. */
  readonly isShared: () => boolean
  /** Called when a source signalled a change, so that `report` may have something to report. */
  readonly onDirty: () => void
  /** Called with the fields that changed, first of all with all of them. */
  readonly onStatus: (changes: Partial<DocumentStatus>) => void
  /** Called when some peer and this computer hold the same; `peers` is the number of such peers. */
  readonly onSynced: (peers: number) => void
  /** Called once for each problem until it is over, with its message. */
  readonly onProblem: (message: string) => void
}

/**
 * Derives the status of an open document from its sources, and reports what changed in it. A part of the status is
 * computed again when it is dirty: it was marked, as something signalled a change of its sources, or one of those that
 * cost nothing to compare has changed (its basis). Invariants:
 *
 * 1. All fields that were reported, the later ones over the earlier ones, are the status that was reported last.
 * 2. A signal that is lost or comes twice does no harm: fields are compared with those reported last, and each second
 *    at most a report looks at everything.
 */
export class StatusReporter {
  private readonly options: StatusReporterOptions
  private readonly watch: SavingWatch
  private readonly inputs: StatusInputs
  private readonly stopListening: readonly (() => void)[]
  private readonly dirty = new Set<StatusPart>()
  private readonly bases = new Map<StatusPart, readonly unknown[]>()
  private reported: Partial<DocumentStatus> = {}
  private wholeAt = Number.NEGATIVE_INFINITY
  private isReporting = false
  private isStopped = false
  /** Version of the text when it was last the same elsewhere; null if that is not so. */
  private syncedVersion: number | null = null
  /** Messages of the problems that were reported and still exist. */
  private problems: ReadonlySet<string> = new Set()

  constructor(options: StatusReporterOptions) {
    this.options = options
    const { log, document, clock } = options
    const changed = (...parts: readonly StatusPart[]) => {
      this.mark(...parts)
      options.onDirty()
    }
    this.watch = new SavingWatch({
      clock,
      progress: () => document,
      isExplained: () => log.problem !== null || document.trouble !== null,
      onLate: changed,
    })
    this.inputs = inputsOf(options, this.watch)
    this.stopListening = [
      log.onProblem(() => changed()),
      log.onShortage(() => changed()),
      log.onFork(() => changed('leftOut')),
      log.onDamaged(() => changed()),
      log.onMended(() => changed()),
    ]
  }

  /** The present status. Reports what changed in it, unless a report is under way: then it is the one reported. */
  get current(): DocumentStatus {
    this.markAll()
    this.report()
    return this.reported as DocumentStatus
  }

  /** Marks parts whose sources may have changed, for the next report. 'saving' is looked at in each report anyway. */
  mark(...parts: readonly StatusPart[]): void {
    for (const part of parts) this.dirty.add(part)
  }

  /** Marks everything. */
  markAll(): void {
    this.wholeAt = Number.NEGATIVE_INFINITY
  }

  /** Reports what changed in the status. */
  report(): void {
    if (this.isReporting) return
    this.isReporting = true
    try {
      if (!this.isStopped) this.watch.look()
      const changes = this.takeChanges()
      if (!this.isStopped && Object.keys(changes).length > 0) this.options.onStatus(changes)
      if (!this.isStopped) this.reportEvents()
    } finally {
      this.isReporting = false
    }
  }

  /** Reports nothing from now on. Idempotent. */
  stop(): void {
    this.isStopped = true
    this.watch.stop()
    for (const stop of this.stopListening) stop()
  }

  /** Computes the parts that may have changed. Returns the fields that did, and notes them as reported. */
  private takeChanges(): Partial<DocumentStatus> {
    const now = this.options.clock.uptime()
    const isWhole = now - this.wholeAt >= wholeInterval
    if (isWhole) this.wholeAt = now
    const parts = this.partsOf(isWhole)
    const fresh = Object.assign({}, ...parts.map((part) => this.computed(part))) as Partial<DocumentStatus>
    const changes = changedFields(this.reported, fresh)
    this.reported = { ...this.reported, ...changes }
    return changes
  }

  private partsOf(isWhole: boolean): StatusPart[] {
    const all = Object.keys(statusParts) as StatusPart[]
    return all.filter((part) => {
      const before = this.bases.get(part)
      const basis = this.basisOf(part)
      const isDirty =
        isWhole || this.dirty.has(part) || !before?.every((value, at) => Object.is(value, basis[at]))
      return part === 'saving' || isDirty
    })
  }

  private computed(part: StatusPart): Partial<DocumentStatus> {
    this.dirty.delete(part)
    this.bases.set(part, this.basisOf(part))
    return statusParts[part](this.inputs)
  }

  /** Returns the sources of a part that cost nothing to compare. */
  private basisOf(part: StatusPart): readonly unknown[] {
    const { document, reachability } = this.options
    switch (part) {
      case 'saving':
        return []
      case 'peers':
        return [document.isCurrent, document.isJournaled, document.savedVersion, reachability()]
      case 'holders':
        // Nobody has confirmed the last save yet.
        return [document.isJournaled, document.savedVersion]
      case 'leftOut':
        // Faults are appended or all replaced.
        return [document.faults.length, document.faults.at(-1)]
    }
  }

  private reportEvents(): void {
    const { document, onSynced } = this.options
    const status = this.reported as DocumentStatus
    this.reportProblems(status)
    // Nobody else can have edits that are not saved.
    const isSynced = status.inSyncWith > 0 && isSaved(document)
    const isNews = isSynced && this.syncedVersion !== document.version
    this.syncedVersion = isSynced ? document.version : null
    if (isNews) onSynced(status.inSyncWith)
  }

  private reportProblems({ unsaved, problem, shortage, leftOut }: DocumentStatus): void {
    const quarantined = leftOutWords(leftOut.filter(({ dismissed }) => !dismissed))
    const last = unsaved && `What was typed last is not saved. ${unsaved}`
    const messages = [last, problem, shortage?.text, ...quarantined].filter((message) => !!message)
    const before = this.problems
    this.problems = new Set(messages.map(String))
    for (const message of this.problems) if (!before.has(message)) this.options.onProblem(message)
  }
}

/** Returns the fields of `after` that are not the same in `before`. */
function changedFields(
  before: Partial<DocumentStatus>,
  after: Partial<DocumentStatus>,
): Partial<DocumentStatus> {
  const names = Object.keys(after) as (keyof DocumentStatus)[]
  const changed = names.filter((name) => !(name in before) || !sameData(before[name], after[name]))
  return Object.fromEntries(changed.map((name) => [name, after[name]]))
}

/** Returns the inputs of a status, read from the sources when they are used. */
const inputsOf = (
  { document, log, quarantine, peers, reachability, isShared, self }: StatusReporterOptions,
  watch: SavingWatch,
): StatusInputs => ({
  get version() {
    return document.version
  },
  get savedVersion() {
    return document.savedVersion
  },
  get late() {
    return watch.isLate
  },
  get loading() {
    return document.loading
  },
  get isCurrent() {
    return document.isCurrent
  },
  get reachability() {
    return reachability()
  },
  get peers() {
    return peers().peers
  },
  get unshared() {
    return peers().unshared
  },
  get journaled() {
    return document.isJournaled
  },
  get shared() {
    return isShared()
  },
  get holders() {
    return peers().replicas
  },
  get holdersHere() {
    return peers().connectedReplicas
  },
  get self() {
    return self().identity
  },
  get diskProblem() {
    return log.problem
  },
  get shortage() {
    return log.shortage
  },
  get leftOut() {
    return quarantine.list()
  },
  get damaged() {
    return log.health.isDamaged
  },
  get trouble() {
    return troubleWords(document.trouble)
  },
})
