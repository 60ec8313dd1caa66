import { ChangeSet } from '@codemirror/state'
import { assertNever, hasCode } from '../base/errors'
import type { Change } from './change'
import { Crossing } from './crossing'
import { EntryNames } from './entry-names'
import type { Fault, SealedSegment } from './intake'
import type { PartRecord, RecordPlace } from './parts/parts'
import { Replica } from './replica'
import type { AskedCaret, ChangePlace, FromReplica, ToReplica } from './replica-protocol'
import { salvageSegment } from './salvage'
import { checkSnapshot } from './snapshot-check'
import { Trap } from './trap'

/** Bytes of segments that are read at once: their changes take up to 300 times as many in memory. */
const bytesPerTake = 256 * 1024

/** A replica that is used by messages. */
export interface ServedReplica {
  /** Takes the next message. Throws for a message out of place, or if Automerge fails: the replica is then lost. */
  take(message: ToReplica): void
  /** Frees the memory. */
  free(): void
}

/**
 * Serves a replica: `answer` sends its messages; `now` returns ms since the Unix epoch. Others' changes are applied in
 * slices, and `later` runs work after the messages that came meanwhile, so that local edits never wait for more than a
 * slice. That work throws as `take` does.
 */
export function serveReplica(
  answer: (message: FromReplica) => void,
  now: () => number,
  later: (work: () => void) => void,
): ServedReplica {
  let replica: Replica | undefined
  let entries: EntryNames | undefined
  let careful = false
  let asked: readonly string[] = []
  let tail = Number.POSITIVE_INFINITY
  const crossing = new Crossing('leader')

  const running = (): Replica => {
    if (!replica) throw new Error('the first message must be start')
    return replica
  }
  /** Segments that came and were not read. */
  const untaken: SealedSegment[] = []
  /** Number of local edits that the last 'change' covered. */
  let confirmed = 0
  const recorded: RecordPlace[] = []
  const faults: Fault[] = []
  const sendRecords = () => {
    for (const content of running().changedParts()) answer({ type: 'records', ...content })
  }
  const commit = () => {
    const changes = running().commit()
    // Edits without effect, as when others deleted the same words, are confirmed too: their author waits.
    if (changes.length === 0 && crossing.received === confirmed && recorded.length === 0) return
    confirmed = crossing.received
    const named = entries?.taken() ?? 0
    answer({ type: 'change', changes, edits: crossing.received, recorded: recorded.splice(0), named })
  }
  const applyNext = () => {
    commit()
    const faults = running().isBehind ? [] : running().take(nextSegments(untaken))
    const step = running().isBehind ? running().next() : { changes: null, faults: [] }
    if (step.changes) crossing.send(step.changes)
    const last = !running().isBehind && untaken.length === 0
    const changes = step.changes?.toJSON() ?? null
    // First, so that who hears that everything is applied has the records too.
    if (last) sendRecords()
    answer({ type: 'applied', edits: crossing.received, changes, faults: [...faults, ...step.faults], last })
    if (!last) later(() => reportingTraps(applyNext))
  }
  const apply = (segments: readonly SealedSegment[]) => {
    for (const segment of segments) untaken.push(segment)
    applyNext()
  }
  const load = (segments: readonly SealedSegment[], last: boolean) => {
    const onTaking = (change: Change | null) => answer({ type: 'taking', change: placeOf(change) })
    faults.push(...running().load(segments, careful ? onTaking : undefined))
    if (!last) return
    const reach = new Map(asked.map((session) => [session, running().reachOf(session)]))
    const entered = entries?.find(() => running().messages()) ?? []
    answer({ type: 'loaded', text: running().text.toString(), faults: faults.splice(0), reach, entered })
    sendRecords()
    const content = running().tail >= tail ? running().contents() : null
    if (content) answer({ type: 'content', content })
  }
  const put = (record: PartRecord) => {
    commit()
    running().put(record)
    recorded.push({ part: record.part, key: record.key })
    commit()
    sendRecords()
  }
  const select = (anchor: number, head: number, remotes: number) => {
    const caret = running().caretAt(crossing.place(anchor, remotes), crossing.place(head, remotes))
    answer({ type: 'selected', caret })
  }
  const find = (carets: readonly AskedCaret[]) => {
    const places = carets.map(({ id, caret }) => ({ id, place: running().placeOf(caret) }))
    answer({ type: 'places', edits: crossing.received, places })
  }

  const take = (message: ToReplica) => {
    switch (message.type) {
      case 'start':
        entries = new EntryNames(message.entries)
        replica = new Replica({ ...message, now, message: () => entries?.next() })
        careful = message.careful
        asked = message.asked
        tail = message.tail
        return
      case 'load':
        load(message.segments, message.last)
        return
      case 'edit':
        running().edit(crossing.receive(ChangeSet.fromJSON(message.changes), message.remotes))
        return
      case 'put':
        put(message.record)
        return
      case 'commit':
        commit()
        return
      case 'segments':
        apply(message.segments)
        return
      case 'select':
        select(message.anchor, message.head, message.remotes)
        return
      case 'find':
        find(message.carets)
        return
      case 'authored': {
        const runs = running().authored(message.made, message.cuts)
        answer({ type: 'authored', runs })
        return
      }
      case 'salvage':
        answer({ type: 'salvaged', changes: salvageSegment(message) })
        return
      case 'check':
        answer({ type: 'checked', sound: isValid(message) })
        return
      default:
        assertNever(message)
    }
  }
  const reportingTraps = (work: () => void) => {
    try {
      work()
    } catch (error) {
      if (error instanceof Trap) answer({ type: 'trapped', change: placeOf(error.change) })
      throw error
    }
  }
  return { take: (message) => reportingTraps(() => take(message)), free: () => replica?.free() }
}

/** Takes the next segments off a list, up to a number of bytes. */
function nextSegments(segments: SealedSegment[]): SealedSegment[] {
  let size = 0
  let count = 0
  while (count < segments.length && size < bytesPerTake) size += segments[count++]?.segment.length ?? 0
  return segments.splice(0, count)
}

/** Returns true for a valid snapshot. Rethrows an error with which Automerge breaks: the end of the thread is an answer. */
function isValid(message: Extract<ToReplica, { type: 'check' }>): boolean {
  try {
    checkSnapshot(message)
    return true
  } catch (error) {
    if (hasCode(error, 'MALFORMED')) return false
    throw error
  }
}

const placeOf = (change: Change | null): ChangePlace | null =>
  change && { session: change.actor, seq: change.seq }
