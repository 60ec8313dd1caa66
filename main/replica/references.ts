import { kinds, type Operations } from './change-operations'
import { malformed, unknownReference } from './columns'
import { bodyCounter } from './genesis'
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
}

/** Limit of counters, so that `keyOf` fits session and counter into one number. */
export const counterLimit = 2 ** 32

/** Encodes an operation's id as one number, never 0. */
export const keyOf = ({ session, counter }: OperationId): number => session * counterLimit + counter

/** Effects of a change, by the index of the operation in it. */
export interface Effects {
  /** The key of the text that an element is inserted into, below zero for an anchor; 0 for any other operation. */
  readonly elements: readonly number[]
  /** The depths of its pages. */
  readonly pages: ReadonlyMap<number, number>
  /** The keys of the elements that it deletes. */
  readonly deleted: ReadonlySet<number>
}

/**
 * Follows each reference of a change's operations: objects and elements have to be made by its ancestors or earlier
 * in itself and be of the right kind. Returns the change's effects; throws MALFORMED. `sessions` numbers the change's
 * actors, null for unknown ones. Rules D3 and D6.
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
  private readonly hung = new Set<number>()
  private readonly deleted = new Set<number>()
  private anchors = 0

  constructor(change: Parameters<typeof followReferences>[0]) {
    this.operations = change.operations
    this.startOp = change.startOp
    this.sessions = change.sessions
    this.sight = change.sight
  }

  follow(): Effects {
    for (let place = 0; place < this.operations.count; place++) {
      this.elements.push(0)
      this.check(place)
    }
    if (this.hung.size < this.anchors) throw malformed('an anchor without a page', 'STRUCTURE_UNUSUAL')
    return { elements: this.elements, pages: this.pages, deleted: this.deleted }
  }

  private check(place: number): void {
    const { kind, objectActor, objectCounter } = this.operations
    const object = this.id(objectActor[place], objectCounter[place])
    if (!object) throw unknownReference()
    switch (kind[place]) {
      case kinds.record:
        if (object.session !== genesisSession || !partOf(object.counter)) throw unknownReference()
        return
      case kinds.page:
        this.checkPage(place, object)
        return
      default:
        this.checkElement(place, object)
    }
  }

  /** A page hangs on an anchor that the same change made before it and that has no other page. */
  private checkPage(place: number, object: OperationId): void {
    const anchor = this.placeOf(object)
    if (anchor === null || anchor >= place || this.hung.has(anchor)) throw unknownReference()
    if (this.operations.kind[anchor] !== kinds.anchor) throw unknownReference()
    this.hung.add(anchor)
    const { objectActor, objectCounter } = this.operations
    const owner = this.id(objectActor[anchor], objectCounter[anchor])
    const depth = owner ? this.depthOf(owner) + 1 : 0
    if (depth > maxDepth) throw malformed('nested too deep', 'STRUCTURE_UNUSUAL')
    this.pages.set(place, depth)
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
    if (kind[place] === kinds.anchor) {
      this.anchors++
      this.elements[place] = -text
    } else if (kind[place] === kinds.character) this.elements[place] = text
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

  private textOf(element: OperationId): number {
    const place = this.placeOf(element)
    return place === null ? this.sight.textOf(element) : (this.elements[place] ?? 0)
  }
}

/** The body of a document. */
export const body: OperationId = { session: genesisSession, counter: bodyCounter }
