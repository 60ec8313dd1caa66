import { ChangeSet, type Text } from '@codemirror/state'
import { toText } from '../../preload/text'
import { difference } from '../../preload/text-difference'
import type { AuthoredRun } from '../replica/replica-protocol'

/** A run, with its place in the text that is known here. */
interface Run {
  readonly session: string
  readonly cut: boolean
  readonly first: number
  readonly text: string
  readonly from: number
  readonly to: number
  readonly own: boolean
}

/**
 * The text of a replica before it ended, by author, so that text missing in the next one can be attributed
 * and own text put back. Others' text is put back by their own programs, so nothing comes twice. Rule D9.
 */
export class LocalTextRecovery {
  private runs: Run[] = []

  /** The sessions (hex) that wrote it. */
  get sessions(): string[] {
    return [...new Set(this.runs.map(({ session }) => session))]
  }

  /**
   * Notes what a replica said before it ends. `closed` is the text that the next one's will be compared with,
   * `own` the sessions (hex) made in this profile.
   */
  note(runs: readonly AuthoredRun[], closed: Text, own: ReadonlySet<string>): void {
    const moved = difference(toText(runs.map(({ text }) => text).join('')), closed)
    let offset = 0
    this.runs = runs.map((run) => {
      const start = offset
      offset += run.text.length
      return { ...run, from: moved.mapPos(start, 1), to: moved.mapPos(offset, -1), own: own.has(run.session) }
    })
  }

  /**
   * Returns the changes that lead from `closed` to the text of the next replica (`unseen`), and those that
   * put back own text missing there (`lost`), or null. Characters past their session's `reach` are gone.
   */
  take(
    reach: ReadonlyMap<string, number>,
    closed: Text,
    text: Text,
  ): { unseen: ChangeSet; lost: ChangeSet | null } {
    const gone = this.runs.flatMap((run) => {
      const limit = run.cut ? 0 : (reach.get(run.session) ?? 0)
      const kept = [...run.text].slice(0, Math.max(0, limit - run.first + 1)).join('')
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
    // Nothing is deleted by what comes again, so chance does no harm here, and the place is more exact.
    const places = gone.some(({ own }) => own) ? difference(left, text) : rest
    const inserts = gone.flatMap(({ own, at, words }) =>
      own ? [{ from: places.mapPos(removal.mapPos(at, -1), -1), insert: words }] : [],
    )
    const lost = inserts.length === 0 ? null : ChangeSet.of(inserts, text.length, '\n')
    return { unseen: removal.compose(rest), lost }
  }
}
