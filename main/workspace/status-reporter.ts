import type { DocumentStatus } from '../../preload/contract/document'
import { leftOutWords } from '../../preload/left-out-words'
import type { Clock } from '../base/environment'
import type { OpenDocument } from '../document/open-document'
import type { Quarantine } from '../document/quarantine'
import type { Identity } from '../keys/identity'
import type { DocumentLog } from '../log/document-log'
import type { Reachability } from '../network/network'
import type { DocumentSync } from '../sync/document-sync'
import { DerivedValue } from './derived-value'
import { documentStatus } from './document-status'
import { isSaved, SavingWatch } from './saving-watch'
import { troubleWords } from './trouble-words'

/** Sources of a document's status, and callbacks for its changes. */
export interface StatusReporterOptions {
  readonly clock: Clock
  readonly document: OpenDocument
  readonly log: DocumentLog
  readonly quarantine: Pick<Quarantine, 'list'>
  readonly peers: () => DocumentSync
  readonly reachability: () => Reachability
  readonly self: () => { identity: Identity }
  /** True if someone else has the document or was given a link to it. */
  readonly isShared: () => boolean
  readonly onStatus: (status: DocumentStatus) => void
  /** Called when some peer and this computer hold the same; `peers` is the number of such peers. */
  readonly onSynced: (peers: number) => void
  /** Called once for each problem until it is over, with its message. */
  readonly onProblem: (message: string) => void
}

/** Derives the status of an open document from its sources, and reports its changes. */
export class StatusReporter {
  private readonly options: StatusReporterOptions
  private readonly watch: SavingWatch
  private readonly changed: DerivedValue<DocumentStatus>
  private readonly stopListening: readonly (() => void)[]
  private isStopped = false
  private wasSynced = false
  /** Messages of the problems that were reported and still exist. */
  private problems: ReadonlySet<string> = new Set()

  constructor(options: StatusReporterOptions) {
    this.options = options
    const { log, document, clock } = options
    const update = () => this.update()
    this.watch = new SavingWatch({
      clock,
      progress: () => document,
      isExplained: () => log.problem !== null || document.trouble !== null,
      onLate: update,
    })
    this.changed = new DerivedValue({
      compute: () => this.current,
      onChange: (status) => this.report(status),
    })
    this.stopListening = [
      log.onProblem(update),
      log.onShortage(update),
      log.onFork(update),
      log.onDamaged(update),
      log.onMended(update),
    ]
  }

  /** The present status. */
  get current(): DocumentStatus {
    const { document, log, quarantine, reachability, isShared, self } = this.options
    const { peers, unshared, replicas: holders, connectedReplicas: holdersHere } = this.options.peers()
    return documentStatus({
      version: document.version,
      savedVersion: document.savedVersion,
      late: this.watch.isLate,
      loading: document.loading,
      isCurrent: document.isCurrent,
      reachability: reachability(),
      peers,
      unshared,
      journaled: document.isJournaled,
      shared: isShared(),
      holders,
      holdersHere,
      self: self().identity,
      diskProblem: log.problem,
      shortage: log.shortage,
      leftOut: quarantine.list(),
      damaged: log.health.isDamaged,
      trouble: troubleWords(document.trouble),
    })
  }

  /** Reports the status if it changed. To be called when one of its sources may have changed. */
  update(): void {
    if (this.isStopped) return
    this.watch.look()
    this.changed.update()
  }

  /** Reports nothing from now on. Idempotent. */
  stop(): void {
    this.isStopped = true
    this.watch.stop()
    for (const stop of this.stopListening) stop()
  }

  private report(status: DocumentStatus): void {
    const { document, onStatus, onSynced } = this.options
    onStatus(status)
    this.reportProblems(status)
    // Nobody else can have edits that are not saved.
    const isSynced = status.inSyncWith > 0 && isSaved(document)
    if (isSynced && !this.wasSynced) onSynced(status.inSyncWith)
    this.wasSynced = isSynced
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
