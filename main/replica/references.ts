import { kinds, type Operations } from './change-operations'
import { bodyCounter, notesCounter } from './genesis'

/** How deep pages nest at most, the body counted. Rule D6. */
export const maxDepth = 64

/** An operation, by the number of its session and its counter. */
export interface OperationId {
  readonly session: number
  readonly counter: number
}

/** The number of the session that made the first change. */
export const genesisSession = 0

/** View of a document before a change; 0 for objects that are missing or not among its ancestors. */
export interface Sight {
  /** The depth of a text. */
  depth(text: OperationId): number
  /** The key of the text that an element was inserted into, below zero for an anchor. */
  textOf(element: OperationId): number
  /** Returns true if the change's session has already deleted the element with that key. */
  isDeleted(element: number): boolean
}

/** Operations as one number each: counters stay below this. */
export const counterLimit = 2 ** 32

/** Names an operation by one number, never 0. */
export const keyOf = ({ session, counter }: OperationId): number => session * counterLimit + counter

/** Effects of a change, by the index of the operation in it. */
export interface Made {
  /** The key of the text that an element is inserted into, below zero for an anchor; 0 for any other operation. */
  readonly elements: readonly number[]
  /** The depths of its pages. */
  readonly pages: ReadonlyMap<number, number>
  /** The keys of the elements that it deletes. */
  readonly deleted: ReadonlySet<number>
}

/**
 * Follows each reference of a change's operations: objects and elements have to be made by its ancestors or earlier
 * in itself and be of the right kind. Returns what the change makes, or what is wrong with it. `sessions` numbers
 * the change's actors, null for one that is not known. Rules D3 and D6.
 */
export function followReferences(change: {
  operations: Operations
  startOp: number
  sessions: readonly (number | null)[]
  sight: Sight
}): Made | string {
  return new References(change).follow()
}

const unknownReference = 'built on something that its ancestors did not make'

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

  follow(): Made | string {
    for (let place = 0; place < this.operations.count; place++) {
      this.elements.push(0)
      const flaw = this.flawAt(place)
      if (flaw) return flaw
    }
    if (this.hung.size < this.anchors) return 'an anchor without a page'
    return { elements: this.elements, pages: this.pages, deleted: this.deleted }
  }

  private flawAt(place: number): string | null {
    const { kind, objectActor, objectCounter } = this.operations
    const object = this.id(objectActor[place], objectCounter[place])
    if (!object) return unknownReference
    switch (kind[place]) {
      case kinds.note:
        return object.session === genesisSession && object.counter === notesCounter ? null : unknownReference
      case kinds.page:
        return this.pageFlaw(place, object)
      default:
        return this.elementFlaw(place, object)
    }
  }

  /** A page hangs on an anchor that the same change made before it, which has no other. */
  private pageFlaw(place: number, object: OperationId): string | null {
    const anchor = this.placeOf(object)
    if (anchor === null || anchor >= place || this.hung.has(anchor)) return unknownReference
    if (this.operations.kind[anchor] !== kinds.anchor) return unknownReference
    this.hung.add(anchor)
    const { objectActor, objectCounter } = this.operations
    const owner = this.id(objectActor[anchor], objectCounter[anchor])
    const depth = owner ? this.depthOf(owner) + 1 : 0
    if (depth > maxDepth) return 'nested too deep'
    this.pages.set(place, depth)
    return null
  }

  private elementFlaw(place: number, object: OperationId): string | null {
    const { kind, elementActor, elementCounter } = this.operations
    if (this.depthOf(object) === 0) return unknownReference
    const text = keyOf(object)
    if (elementCounter[place] !== 0) {
      const element = this.id(elementActor[place], elementCounter[place])
      const stands = element ? this.textOf(element) : 0
      const isThere = stands === text || (stands === -text && kind[place] !== kinds.deletion)
      if (!isThere) return unknownReference
      if (element && kind[place] === kinds.deletion) {
        // Automerge counts through an element's deletions for each one more.
        const key = keyOf(element)
        if (this.deleted.has(key) || this.sight.isDeleted(key)) return 'a character deleted twice'
        this.deleted.add(key)
      }
    }
    if (kind[place] === kinds.anchor) {
      this.anchors++
      this.elements[place] = -text
    } else if (kind[place] === kinds.character) this.elements[place] = text
    return null
  }

  private id(actor: number | undefined, counter: number | undefined): OperationId | null {
    const session = this.sessions[actor ?? 0]
    return session === null || session === undefined ? null : { session, counter: counter ?? 0 }
  }

  /** The place in the change of one of its own operations, maybe one that is still to come; null for others. */
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
