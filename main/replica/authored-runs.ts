import type { Handle } from './genesis'
import type { AuthoredRun } from './replica-protocol'
import type { Rope } from './rope'

/** A stretch of the text by one session: counters of its first and last operation, and offsets in UTF-16 code units. */
interface Run {
  readonly session: string
  readonly cut: boolean
  readonly first: number
  last: number
  readonly from: number
  to: number
}

/**
 * Returns a text as runs by author; of the session `actor` only what it inserted up to the operation counter `limit`.
 * Text that a session inserted after its counter in `limits` is marked as cut. Looks at each character, about 10 µs for
 * each.
 */
export function authoredRuns(options: {
  rope: Rope
  handle: Handle
  text: string
  actor: string
  limit: number
  limits: ReadonlyMap<string, number>
}): AuthoredRun[] {
  const { rope, handle, text, actor, limit, limits } = options
  const runs: Run[] = []
  let offset = 0
  for (const { page, index, size } of rope.stretches())
    for (let place = index; place < index + size; place++, offset++) {
      const [counter, session = ''] = handle.getCursor(page, place).split('@')
      const id = Number(counter)
      if (session === actor && id > limit) continue
      add(runs, { session, id, offset, cut: id > (limits.get(session) ?? Number.POSITIVE_INFINITY) })
    }
  return runs.map(({ session, cut, first, from, to }) => ({
    session,
    cut,
    first,
    text: text.slice(from, to),
  }))
}

/** Adds a code unit to the last run, or as a new one. */
function add(runs: Run[], unit: { session: string; id: number; offset: number; cut: boolean }): void {
  const { session, id, offset, cut } = unit
  const run = runs.at(-1)
  const isSame = run?.to === offset && run.session === session && run.cut === cut
  // The two code units of a surrogate pair have one id.
  if (isSame && id - run.last <= 1 && id >= run.last) {
    run.to++
    run.last = id
  } else runs.push({ session, cut, first: id, last: id, from: offset, to: offset + 1 })
}
