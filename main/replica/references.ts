import { kinds, type Operations } from './change-operations'
import { malformed, unknownReference } from './columns'
import { bodyCounter } from './genesis'
import { GivenEdits, type KidPlace, type LastValue, type ValuePlace } from './given-edits'
import { partOf } from './parts/parts'

/** Deepest nesting of pages; the body counts as 1. Rule D6. */
export const maxDepth = 64

/** An operation, by the number of its session and its counter. */
export interface OperationId {
  readonly session: number
  readonly counter: number
}

/** The number of the session that made the first change. */
const genesisSession = 0

/** View of a document before a change; 0 for objects that are missing or not among its ancestors. */
export interface Sight {
  /** The depth of a text. */
  depth(text: OperationId): number
  /** The key of the text that an element was inserted into, below zero for an anchor. */
  textOf(element: OperationId): number
  /** Returns true if the change's session has already deleted the element with that key. */
  isDeleted(element: number): boolean
  /** The given text of an anchor; null for none. */
  given(anchor: OperationId): GivenText | null
  /** Edits of given texts that the change's session made before. */
  readonly edits: Pick<GivenEdits, 'hasKid' | 'value'>
}

/** Given text on an anchor. */
export interface GivenText {
  /** UTF-16 code units. */
  readonly length: number
  /** The depth of pages in it. */
  readonly depth: number
}

/** A value that a change puts into given text, and the one that it replaces. */
export interface ValueChange {
  readonly place: ValuePlace
  readonly value: LastValue
  readonly before: LastValue | null
}

/** Limit of counters, so that `keyOf` fits session and counter into one number. */
export const counterLimit = 2 ** 32

/** Encodes an operation's id as one number, never 0. */
export const keyOf = ({ session, counter }: OperationId): number => session * counterLimit + counter

/** Effects of a change, by the index of the operation in it. */
export interface Effects {
  /** The key of the text that an element is inserted into, below zero for an anchor; 0 for any other operation. */
  readonly elements: readonly number[]
  /** The depths of its pages, those in given text included. */
  readonly pages: ReadonlyMap<number, number>
  /** The given texts of its anchors, by the index of the anchor. */
  readonly given: ReadonlyMap<number, GivenText>
  /** The places of its pages in given text. */
  readonly kids: readonly KidPlace[]
  /** The values that it puts, in this order. */
  readonly values: readonly ValueChange[]
  /** The keys of the elements that it deletes. */
  readonly deleted: ReadonlySet<number>
}

/**
 * Follows each reference of a change's operations: objects and elements have to be made by its ancestors or earlier
 * in itself and be of the right kind, and places have to lie within the given text that they are in. Returns the
 * change's effects; throws MALFORMED. `sessions` numbers the change's actors, null for unknown ones. Rules D3 and D6.
 */
export function followReferences(change: {
  operations: Operations
  startOp: number
  sessions: readonly (number | null)[]
  sight: Sight
}): Effects {
  return new References(change).follow()
}

class References {
  private readonly operations: Operations
  private readonly startOp: number
  private readonly sessions: readonly (number | null)[]
  private readonly sight: Sight
  private readonly elements: number[] = []
  private readonly pages = new Map<number, number>()
  private readonly given = new Map<number, GivenText>()
  private readonly kids: KidPlace[] = []
  private readonly values: ValueChange[] = []
  /** Edits of given texts that the change itself makes. */
  private readonly edits = new GivenEdits()
  private readonly deleted = new Set<number>()

  constructor(change: Parameters<typeof followReferences>[0]) {
    this.operations = change.operations
    this.startOp = change.startOp
    this.sessions = change.sessions
    this.sight = change.sight
  }

  follow(): Effects {
    const { kind, count } = this.operations
    for (let place = 0; place < count; place++) {
      this.elements.push(0)
      this.check(place)
    }
    if (kind[count - 1] === kinds.anchor) throw bareAnchor()
    const { elements, pages, given, kids, values, deleted } = this
    return { elements, pages, given, kids, values, deleted }
  }

  private check(place: number): void {
    const { kind, objectActor, objectCounter } = this.operations
    const object = this.id(objectActor[place], objectCounter[place])
    if (!object) throw unknownReference()
    const isHung = kind[place] === kinds.page || kind[place] === kinds.given
    if (kind[place - 1] === kinds.anchor && !isHung) throw bareAnchor()
    switch (kind[place]) {
      case kinds.record:
        if (object.session !== genesisSession || !partOf(object.counter)) throw unknownReference()
        return
      case kinds.page:
      case kinds.given:
        this.checkHung(place, object)
        return
      case kinds.kid:
      case kinds.ranges:
        this.checkInGiven(place, object)
        return
      default:
        this.checkElement(place, object)
    }
  }

  /** A page or given text hangs on the anchor that the operation before it makes. */
  private checkHung(place: number, object: OperationId): void {
    const { kind, objectActor, objectCounter, given } = this.operations
    const anchor = place - 1
    if (kind[anchor] !== kinds.anchor || this.placeOf(object) !== anchor) throw unknownReference()
    const owner = this.id(objectActor[anchor], objectCounter[anchor])
    const depth = owner ? this.depthOf(owner) + 1 : 0
    if (depth > maxDepth) throw malformed('nested too deep', 'STRUCTURE_UNUSUAL')
    const operation = given.get(place)
    if (operation?.kind === kinds.given) this.given.set(anchor, { length: operation.length, depth })
    else this.pages.set(place, depth)
  }

  /** A session makes one page at a place in given text, and replaces only its own values. */
  private checkInGiven(place: number, object: OperationId): void {
    const operation = this.operations.given.get(place)
    const text = this.givenOf(object)
    if (!text || !operation || operation.kind === kinds.given) throw unknownReference()
    const anchor = keyOf(object)
    if (operation.kind === kinds.kid) {
      const kid = { anchor, offset: operation.offset }
      if (kid.offset > text.length) throw unknownReference()
      if (this.edits.hasKid(kid) || this.sight.edits.hasKid(kid))
        throw malformed('two pages at one key', 'STRUCTURE_UNUSUAL')
      this.edits.addKid(kid)
      this.kids.push(kid)
      this.pages.set(place, text.depth)
      return
    }
    const { number, end, value, previous } = operation
    const at = { anchor, number }
    if (end > text.length) throw unknownReference()
    const before = this.edits.value(at) ?? this.sight.edits.value(at)
    if ((before?.counter ?? 0) !== previous)
      throw malformed('a value in place of another one', 'STRUCTURE_UNUSUAL')
    // Automerge makes no such operation, and a snapshot would hold any number of them in a few bytes.
    if (before?.value === value) throw malformed('a value that changes nothing', 'STRUCTURE_UNUSUAL')
    const next = { counter: this.startOp + place, value }
    this.edits.setValue(at, next)
    this.values.push({ place: at, value: next, before })
  }

  private checkElement(place: number, object: OperationId): void {
    const { kind, elementActor, elementCounter } = this.operations
    if (this.depthOf(object) === 0) throw unknownReference()
    const text = keyOf(object)
    if (elementCounter[place] !== 0) {
      const element = this.id(elementActor[place], elementCounter[place])
      const owner = element ? this.textOf(element) : 0
      const isDeletion = kind[place] === kinds.deletion
      if (!element || !(owner === text || (owner === -text && !isDeletion))) throw unknownReference()
      if (isDeletion) this.delete(keyOf(element))
    }
    if (kind[place] === kinds.anchor) this.elements[place] = -text
    else if (kind[place] === kinds.character) this.elements[place] = text
  }

  /** Refuses a second deletion: Automerge iterates over an element's deletions for each further one. */
  private delete(key: number): void {
    if (this.deleted.has(key) || this.sight.isDeleted(key))
      throw malformed('a character deleted twice', 'STRUCTURE_UNUSUAL')
    this.deleted.add(key)
  }

  private id(actor: number | undefined, counter: number | undefined): OperationId | null {
    const session = this.sessions[actor ?? 0]
    return session === null || session === undefined ? null : { session, counter: counter ?? 0 }
  }

  /** Returns the index of one of the change's operations, even of a later one; null for others. */
  private placeOf({ session, counter }: OperationId): number | null {
    return session === this.sessions[0] && counter >= this.startOp ? counter - this.startOp : null
  }

  private depthOf(text: OperationId): number {
    const place = this.placeOf(text)
    return place === null ? this.sight.depth(text) : (this.pages.get(place) ?? 0)
  }

  private givenOf(anchor: OperationId): GivenText | null {
    const place = this.placeOf(anchor)
    return place === null ? this.sight.given(anchor) : (this.given.get(place) ?? null)
  }

  private textOf(element: OperationId): number {
    const place = this.placeOf(element)
    return place === null ? this.sight.textOf(element) : (this.elements[place] ?? 0)
  }
}

const bareAnchor = () => malformed('an anchor without a page', 'STRUCTURE_UNUSUAL')

/** The body of a document. */
export const body: OperationId = { session: genesisSession, counter: bodyCounter }
