import { ChangeSet } from '@codemirror/state'
import { assertNever, SwarmpadError } from '../errors'
import { Crossing } from './crossing'
import { EntryNames } from './entry-names'
import type { ReadyChange, SealedSegment } from './intake'
import type { Note } from './notes'
import { Replica, Trap } from './replica'
import type { ChangePlace, FromReplica, ToReplica } from './replica-protocol'
import { salvageSegment } from './salvage'
import { checkSnapshot } from './snapshot-check'

/** A replica behind a line of messages. */
export interface ServedReplica {
  /** Takes the next message. Throws when it makes no sense or Automerge fails: the replica is then lost. */
  take(message: ToReplica): void
  /** Gives the memory back. */
  free(): void
}

/** Serves a replica: `answer` is called with what goes back; `now` gives ms since the Unix epoch. */
export function serveReplica(answer: (message: FromReplica) => void, now: () => number): ServedReplica {
  let replica: Replica | undefined
  let entries: EntryNames | undefined
  let careful = false
  let asked: readonly string[] = []
  let tail = Number.POSITIVE_INFINITY
  const waiting: SealedSegment[] = []
  const crossing = new Crossing('leader')

  const running = (): Replica => {
    if (!replica) throw new Error('the first message must be start')
    return replica
  }
  let told = 0
  const noted: string[] = []
  const tellNotes = () => {
    const notes = running().newNotes()
    if (notes) answer({ type: 'notes', notes })
  }
  const commit = () => {
    const changes = running().commit()
    // Also of edits that came to nothing, as when others deleted the same words: whoever made them waits.
    if (changes.length === 0 && crossing.received === told) return
    told = crossing.received
    const named = entries?.taken() ?? 0
    answer({ type: 'change', changes, edits: crossing.received, noted: noted.splice(0), named })
  }
  const apply = (segments: readonly SealedSegment[]) => {
    commit()
    const { changes, faults } = running().receive(segments)
    if (changes) crossing.send(changes)
    answer({ type: 'applied', edits: crossing.received, changes: changes?.toJSON() ?? null, faults })
    tellNotes()
  }
  const load = (segments: readonly SealedSegment[], last: boolean) => {
    waiting.push(...segments)
    if (!last) return
    const onTaking = (change: ReadyChange | null) => answer({ type: 'taking', change: placeOf(change) })
    const faults = running().load(waiting.splice(0), careful ? onTaking : undefined)
    const reach = new Map(asked.map((session) => [session, running().reachOf(session)]))
    const entered = entries?.find(() => running().messages()) ?? []
    answer({ type: 'loaded', text: running().text.toString(), faults, reach, entered })
    tellNotes()
    const content = running().tail >= tail ? running().contents() : null
    if (content) answer({ type: 'content', content })
  }
  const note = (given: Note) => {
    commit()
    running().note(given)
    noted.push(given.key)
    commit()
    tellNotes()
  }
  const select = (anchor: number, head: number, remotes: number) => {
    const caret = running().caretAt(crossing.place(anchor, remotes), crossing.place(head, remotes))
    answer({ type: 'selected', caret })
  }
  const find = (carets: readonly { key: string; caret: Uint8Array }[]) => {
    const places = carets.flatMap(({ key, caret }) => {
      const place = running().placeOf(caret)
      return place ? [{ key, ...place }] : []
    })
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
      case 'note':
        note(message.note)
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
        answer({ type: 'checked', sound: isSound(message) })
        return
      default:
        assertNever(message)
    }
  }
  const takeOrTell = (message: ToReplica) => {
    try {
      take(message)
    } catch (error) {
      if (error instanceof Trap) answer({ type: 'trapped', change: placeOf(error.change) })
      throw error
    }
  }
  return { take: takeOrTell, free: () => replica?.free() }
}

/** Throws what Automerge throws when it breaks: the thread ends, which is an answer too. */
function isSound(message: Extract<ToReplica, { type: 'check' }>): boolean {
  try {
    checkSnapshot(message)
    return true
  } catch (error) {
    if (error instanceof SwarmpadError && error.code === 'INVALID') return false
    throw error
  }
}

const placeOf = (change: ReadyChange | null): ChangePlace | null =>
  change && { session: change.actor, seq: change.seq }
