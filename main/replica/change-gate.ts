import { hex } from '../base/hex'
import { Ancestors } from './ancestors'
import { type Change, type KnownChange, maxOpOf } from './change'
import { kinds } from './change-operations'
import { malformed } from './columns'
import { Deletions } from './deletions'
import type { DocumentOperations } from './document-operations'
import { Elements } from './elements'
import { genesisOperations } from './genesis'
import { GivenEdits } from './given-edits'
import {
  body,
  counterLimit,
  type Effects,
  followReferences,
  type GivenText,
  keyOf,
  type Sight,
} from './references'

/** Parts of a change that the gate checks. */
export type GatedChange = Omit<Change, 'bytes'>

interface Session {
  readonly id: string
  readonly number: number
  /** The counter of the last operation of each change that passed. */
  readonly ends: number[]
  readonly elements: Elements
  readonly deletions: Deletions
  readonly edits: GivenEdits
  /** Ancestors of its changes in other sessions: `known[i]` holds from change `knownFrom[i]` on. */
  readonly knownFrom: number[]
  readonly known: Ancestors[]
}

/**
 * Decides for each change of a document whether it may be applied, by its bytes and those of its ancestors alone, so
 * that all peers decide alike in whatever order changes come. An admitted change is one that an honest program could
 * have made: its session is a chain, it refers only to objects and elements of its ancestors or of itself, and each
 * reference leads to one of the right kind. Rules D3, D4 and D6.
 *
 * Invariants: (1) a change is judged after all its ancestors were admitted; (2) a session's ancestors only grow
 * along its chain; (3) counters never fall along a path of dependencies.
 */
export class ChangeGate {
  private readonly sessions = new Map<string, Session>()
  private readonly byNumber: Session[] = []
  private readonly genesis: Session
  /** The depth of each text, by its key. */
  private readonly texts = new Map<number, number>()
  /** The given text of each anchor that has one, by its key. */
  private readonly given = new Map<number, GivenText>()

  /** Begins with the first change of a document. Rule D1. */
  constructor(documentId: Uint8Array) {
    this.genesis = this.session(hex(documentId))
    this.genesis.ends.push(genesisOperations)
    this.texts.set(keyOf(body), 1)
  }

  /** The counter of the last operation of a session (hex) that passed, up to its change number `seq`; 0 for none. */
  reachOf(actor: string, seq = Number.POSITIVE_INFINITY): number {
    const ends = this.sessions.get(actor)?.ends ?? []
    return ends[Math.min(seq, ends.length) - 1] ?? 0
  }

  /** Loads the operations of a document, which were admitted before; first of all. */
  load({ changes, runs, texts, given, kids, values, deletions }: DocumentOperations): void {
    const key = (actor: string, counter: number) => keyOf({ session: this.session(actor).number, counter })
    for (const { actor, maxOp, dependencies } of changes) {
      if (actor === this.genesis.id) continue
      const session = this.session(actor)
      this.extend(session, this.ancestorsOf(session, dependencies), maxOp)
    }
    for (const { actor, counter, depth } of texts) this.texts.set(key(actor, counter), depth)
    for (const { anchor, ...text } of given) this.given.set(key(anchor.actor, anchor.counter), text)
    for (const { actor, anchor, offset } of kids)
      this.session(actor).edits.addKid({ anchor: key(anchor.actor, anchor.counter), offset })
    for (const { actor, anchor, number, last } of values)
      this.session(actor).edits.setValue({ anchor: key(anchor.actor, anchor.counter), number }, last)
    for (const { actor, from, to, text, isAnchor } of runs) {
      const at = key(text.actor, text.counter)
      this.session(actor).elements.addRun(from, to, isAnchor ? -at : at)
    }
    const deleted = deletions.map(({ actor, element, from, to }) => ({
      actor,
      from: key(element, from),
      to: key(element, to),
    }))
    for (const { actor, from, to } of deleted.sort((one, two) => one.from - two.from))
      this.session(actor).deletions.addRun(from, to)
  }

  /**
   * Admits changes of one session that belong together: all of them, or none and throws MALFORMED with a fault.
   * `dependenciesOf` returns all changes that one depends on; they were admitted before, or precede it here.
   */
  takeAll(
    changes: readonly GatedChange[],
    dependenciesOf: (change: GatedChange) => readonly KnownChange[],
  ): void {
    const undo: (() => void)[] = []
    try {
      for (const change of changes) undo.push(this.takeOne(change, dependenciesOf(change)))
    } catch (error) {
      for (const step of undo.reverse()) step()
      throw error
    }
  }

  /** Returns the sum of the depths of the pages and given texts that an admitted change makes or puts values into. */
  depthsOf({ actor, startOp, operations, others }: GatedChange): number {
    const { kind, count, objectActor, objectCounter } = operations
    const key = (id: string | undefined, counter = 0) =>
      keyOf({ session: this.session(id ?? actor).number, counter })
    let sum = 0
    for (let place = 0; place < count; place++) {
      const made = () => key(actor, startOp + place)
      const object = () => key(others[(objectActor[place] ?? 0) - 1], objectCounter[place])
      if (kind[place] === kinds.page || kind[place] === kinds.kid) sum += this.texts.get(made()) ?? 0
      else if (kind[place] === kinds.given || kind[place] === kinds.ranges)
        sum += this.given.get(object())?.depth ?? 0
    }
    return sum
  }

  /** Admits a change; returns a function that takes it back as long as it is the last one of its session. */
  private takeOne(change: GatedChange, dependencies: readonly KnownChange[]): () => void {
    if (change.actor === this.genesis.id) throw malformed('made by another actor', 'FOREIGN_ACTOR')
    const session = this.session(change.actor)
    checkPlace(session, change, dependencies)
    const ancestors = this.ancestorsOf(session, dependencies)
    const { operations, startOp, others } = change
    const sessions = [session.number, ...others.map((id) => this.sessions.get(id)?.number ?? null)]
    const effects = followReferences({
      operations,
      startOp,
      sessions,
      sight: this.sight(session, ancestors),
    })
    this.extend(session, ancestors, maxOpOf(change))
    this.add(session, startOp, effects)
    return () => this.forget(session, startOp, effects)
  }

  private session(id: string): Session {
    const found = this.sessions.get(id)
    if (found) return found
    const number = this.byNumber.length
    const session = {
      id,
      number,
      ends: [],
      elements: new Elements(),
      deletions: new Deletions(),
      edits: new GivenEdits(),
      knownFrom: [],
      known: [],
    }
    this.sessions.set(id, session)
    this.byNumber.push(session)
    return session
  }

  /** Returns the vector of a change's ancestors in other sessions. */
  private ancestorsOf(session: Session, dependencies: readonly KnownChange[]): Ancestors {
    let ancestors = session.known.at(-1) ?? Ancestors.none
    for (const { actor, seq } of dependencies) {
      if (actor === session.id) continue
      const other = this.session(actor)
      if (ancestors.get(other.number) >= seq) continue
      ancestors = ancestors.union(knownAt(other, seq)).with(other.number, seq)
    }
    return ancestors
  }

  /** Returns the view of the document that a session's next change has. */
  private sight(session: Session, ancestors: Ancestors): Sight {
    // All earlier changes of its session are ancestors.
    const isAbove = (number: number, counter: number) =>
      number === session.number || counter <= (this.byNumber[number]?.ends[ancestors.get(number) - 1] ?? 0)
    return {
      depth: (text) => (isAbove(text.session, text.counter) ? (this.texts.get(keyOf(text)) ?? 0) : 0),
      textOf: ({ session: number, counter }) =>
        isAbove(number, counter) ? (this.byNumber[number]?.elements.find(counter) ?? 0) : 0,
      isDeleted: (element) => session.deletions.has(element),
      given: (anchor) =>
        isAbove(anchor.session, anchor.counter) ? (this.given.get(keyOf(anchor)) ?? null) : null,
      edits: session.edits,
    }
  }

  private extend(session: Session, ancestors: Ancestors, maxOp: number): void {
    session.ends.push(maxOp)
    if (ancestors === session.known.at(-1)) return
    session.knownFrom.push(session.ends.length)
    session.known.push(ancestors)
  }

  private add(session: Session, startOp: number, effects: Effects): void {
    const { elements, pages, given, kids, values, deleted } = effects
    const key = (place: number) => keyOf({ session: session.number, counter: startOp + place })
    for (const element of deleted) session.deletions.addRun(element, element)
    for (const [place, text] of elements.entries())
      if (text !== 0) session.elements.add(startOp + place, text)
    for (const [place, depth] of pages) this.texts.set(key(place), depth)
    for (const [anchor, text] of given) this.given.set(key(anchor), text)
    for (const kid of kids) session.edits.addKid(kid)
    for (const { place, value } of values) session.edits.setValue(place, value)
  }

  /** Takes the last change of a session back. */
  private forget(session: Session, startOp: number, effects: Effects): void {
    const { pages, given, kids, values, deleted } = effects
    const key = (place: number) => keyOf({ session: session.number, counter: startOp + place })
    for (const element of deleted) session.deletions.remove(element)
    if (session.knownFrom.at(-1) === session.ends.length) {
      session.knownFrom.pop()
      session.known.pop()
    }
    session.ends.pop()
    session.elements.cut(startOp)
    for (const place of pages.keys()) this.texts.delete(key(place))
    for (const anchor of given.keys()) this.given.delete(key(anchor))
    for (const kid of kids) session.edits.removeKid(kid)
    for (const { place, before } of [...values].reverse()) session.edits.setValue(place, before)
  }
}

/** Throws MALFORMED for a wrong place of a change in its session or among all changes. Rule D4. */
function checkPlace({ id, ends }: Session, change: GatedChange, dependencies: readonly KnownChange[]): void {
  if (change.seq !== ends.length + 1) throw malformed('out of sequence', 'OUT_OF_SEQUENCE')
  if (dependencies.length === 0) throw malformed('not built on the first change', 'PLACE_WRONG')
  const isPrevious = (other: KnownChange) => other.actor === id && other.seq === ends.length
  if (ends.length > 0 && !dependencies.some(isPrevious))
    throw malformed('not built on what its session made before', 'PLACE_WRONG')
  const highest = dependencies.reduce((most, { maxOp }) => Math.max(most, maxOp), 0)
  if (change.startOp !== highest + 1) throw malformed('wrong first operation', 'PLACE_WRONG')
  if (maxOpOf(change) >= counterLimit) throw malformed('too many operations', 'TOO_MANY_OPERATIONS')
}

/** Returns the ancestors of a session's change number `seq` in other sessions. */
function knownAt({ knownFrom, known }: Session, seq: number): Ancestors {
  let low = 0
  let high = knownFrom.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((knownFrom[middle] ?? 0) <= seq) low = middle + 1
    else high = middle
  }
  return known[low - 1] ?? Ancestors.none
}
