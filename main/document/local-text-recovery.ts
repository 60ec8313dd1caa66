import { ChangeSet, type Text } from '@codemirror/state'
import { toText } from '../../preload/text'
import { difference } from '../../preload/text-difference'
import type { DocumentLog } from '../log/document-log'
import type { AuthoredRun } from '../replica/replica-protocol'
import type { EditState } from './pending-edits'
import type { ReplicaSupervisor } from './supervisor'

/** A run, with its place in the text that is known here. */
interface Run {
  readonly session: string
  readonly cut: boolean
  readonly first: number
  readonly isGiven: boolean
  readonly text: string
  readonly from: number
  readonly to: number
  readonly own: boolean
}

/** Dependencies and callbacks of a recovery. */
export interface LocalTextRecoveryOptions {
  readonly log: DocumentLog
  readonly supervisor: ReplicaSupervisor
  /** The local edits: a live view. */
  readonly edits: EditState
  /** The replica was asked for authors, and is replaced when it has answered. */
  readonly onBegun: () => void
}

/**
 * Keeps own text when the log drops the end of a session for another history, or when the session here is written in
 * by another process too. The replica says who wrote what and is replaced; text missing in the next one is attributed,
 * and own text put back. Others' text is put back by their own programs, so nothing comes twice. Rule D9.
 */
export class LocalTextRecovery {
  private readonly options: LocalTextRecoveryOptions
  private runs: readonly Run[] = []

  constructor(options: LocalTextRecoveryOptions) {
    this.options = options
  }

  /** The sessions (hex) that wrote the text of the last replica, if that was asked. */
  get sessions(): string[] {
    return [...new Set(this.runs.map(({ session }) => session))]
  }

  /** Begins, if the log has changes that another process signed with the session's key. Returns true then. */
  checkSession(): boolean {
    const { log, supervisor } = this.options
    const { replica, sessionId } = supervisor
    const runsElsewhere = sessionId !== null && log.tip(sessionId) > (replica?.session?.tip ?? 0)
    if (runsElsewhere) this.begin(null)
    return runsElsewhere
  }

  /** The log has dropped all past `after` of a session (hex). */
  cut(session: string, after: number): void {
    if (!this.options.supervisor.cut(session)) this.begin(null, new Map([[session, after]]))
  }

  /** Nothing can be appended to a session any more; all past `after`, if that is not null, is about to be dropped. */
  retired(session: string, after: number | null): void {
    if (session !== this.options.supervisor.sessionId) return
    if (after === null) this.begin(null)
    else this.begin(session, new Map([[session, after]]))
  }

  /** The replica has answered who wrote what. */
  authored(runs: readonly AuthoredRun[]): void {
    const own = new Set(this.options.log.ownSessions())
    const moved = difference(toText(runs.map(({ text }) => text).join('')), this.options.edits.closed)
    let offset = 0
    this.runs = runs.map((run) => {
      const start = offset
      offset += run.text.length
      return { ...run, from: moved.mapPos(start, 1), to: moved.mapPos(offset, -1), own: own.has(run.session) }
    })
    this.options.supervisor.authorsKnown()
  }

  /**
   * Returns the changes that lead from the closed text here to the text of the next replica (`unseen`), and those that
   * put back own text missing there (`lost`), or null. Characters past their session's `reach` are gone.
   */
  take(reach: ReadonlyMap<string, number>, text: Text): { unseen: ChangeSet; lost: ChangeSet | null } {
    const { closed } = this.options.edits
    const gone = this.runs.flatMap((run) => {
      const limit = run.cut ? 0 : (reach.get(run.session) ?? 0)
      const kept = keptOf(run, limit)
      const at = Math.min(run.from + kept.length, Math.max(run.from, run.to))
      return kept.length === run.text.length ? [] : [{ ...run, at, words: run.text.slice(kept.length) }]
    })
    this.runs = []
    const removal = ChangeSet.of(
      gone.flatMap(({ at, to }) => (at < to ? [{ from: at, to }] : [])),
      closed.length,
    )
    const left = removal.apply(closed)
    const rest = difference(left, text, { whole: true })
    // Inserting deletes nothing, so a chance match does no harm here, and the place is more exact.
    const places = gone.some(({ own }) => own) ? difference(left, text) : rest
    const inserts = gone.flatMap(({ own, at, words }) =>
      own ? [{ from: places.mapPos(removal.mapPos(at, -1), -1), insert: words }] : [],
    )
    const lost = inserts.length === 0 ? null : ChangeSet.of(inserts, text.length, '\n')
    return { unseen: removal.compose(rest), lost }
  }

  /**
   * Asks the replica for authors, and has it replaced. `cuts` has the last kept number of each session that is dropped
   * from there on; `awaited` is a session of which that is still to come.
   */
  private begin(awaited: string | null, cuts: ReadonlyMap<string, number> = new Map()): void {
    const replica = this.options.supervisor.recover(awaited)
    if (!replica) return
    replica.thread.post({ type: 'authored', made: replica.session?.tip ?? 0, cuts })
    this.options.onBegun()
  }
}

/** Returns the part of a run that was inserted by operations up to a counter. */
function keptOf({ text, first, isGiven }: Run, limit: number): string {
  if (limit < first) return ''
  return isGiven ? text : [...text].slice(0, limit - first + 1).join('')
}
