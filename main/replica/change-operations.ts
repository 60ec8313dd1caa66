import type { SwarmpadError } from '../base/errors'
import type { ChangeHeader } from './change-header'
import { BooleanColumn, decodeText, malformed, Reader, RunColumn, unknownReference } from './columns'
import { checkGiven, checkRanges, givenKey, maxGivenBytes, readGivenKey } from './given-format'
import { partOf } from './parts/parts'

/** Most operations in one change. Rule D3. */
export const maxOperations = 512

/** The kinds of operations that a change may hold. Rule D3. */
export const kinds = {
  /** Inserts one code point into a text. */
  character: 0,
  /** Inserts an anchor, a map, into a text. */
  anchor: 1,
  /** Attaches a page, a text, to an anchor. */
  page: 2,
  /** Deletes an element of a text. */
  deletion: 3,
  /** Puts a record of a part beside the text. */
  record: 4,
  /** Attaches given text, a string, to an anchor. */
  given: 5,
  /** Attaches a page to a place in given text. */
  kid: 6,
  /** Puts the ranges that a session takes out of given text. */
  ranges: 7,
} as const

/** Contents of an operation on given text. Places are in UTF-16 code units. */
export type GivenOperation =
  | { readonly kind: typeof kinds.given; readonly length: number }
  | { readonly kind: typeof kinds.kid; readonly offset: number }
  | {
      readonly kind: typeof kinds.ranges
      /** The number of the value among those of its session. */
      readonly number: number
      /** The end of its last range; 0 for none. */
      readonly end: number
      /** Latin-1. */
      readonly value: string
      /** The counter of the operation that put its session's value before; 0 for none. */
      readonly previous: number
    }

/**
 * The operations of a change, row by row; operation number n has the counter `startOp + n`. Actors are numbers: 0 is
 * the change's own, the others follow. `objectActor` and `objectCounter` name the object that an operation is on.
 * `elementActor` and `elementCounter` name the element after which a character or anchor is inserted (counter 0 for the
 * beginning of the text), or that a deletion deletes; both are 0 for other kinds.
 */
export interface Operations {
  readonly count: number
  readonly kind: Uint8Array
  readonly objectActor: Uint32Array
  readonly objectCounter: Float64Array
  readonly elementActor: Uint32Array
  readonly elementCounter: Float64Array
  /** The contents of operations on given text, by their numbers. */
  readonly given: ReadonlyMap<number, GivenOperation>
}

/** Parts of a change that its operations are read from. */
export type EncodedOperations = Pick<ChangeHeader, 'actor' | 'columns' | 'others'>

const actions = { makeMap: 0, set: 1, delete: 3, makeText: 4 } as const
const valueTypes = { text: 6, bytes: 7 } as const

/** Specifications of the columns of a change: number, four bits up, and type. */
const specifications = {
  objectActor: (0 << 4) | 1,
  objectCounter: (0 << 4) | 2,
  keyActor: (1 << 4) | 1,
  keyCounter: (1 << 4) | 3,
  keyText: (1 << 4) | 5,
  insert: (3 << 4) | 4,
  action: (4 << 4) | 2,
  valueLength: (5 << 4) | 6,
  value: (5 << 4) | 7,
  predecessors: (7 << 4) | 0,
  predecessorActor: (7 << 4) | 1,
  predecessorCounter: (7 << 4) | 3,
} as const
const known: ReadonlySet<number> = new Set(Object.values(specifications))
const always = [
  specifications.insert,
  specifications.action,
  specifications.valueLength,
  specifications.predecessors,
]

/** The key of the page in an anchor's map. */
export const pageKey = 't'

/**
 * Reads a change's operations. Accepts only the kinds that Swarmpad makes, each in the one form in which Automerge
 * writes it. Throws MALFORMED for everything else: the effect of other operations depends on the order in which
 * Automerge applies them. References are not followed here. Rule D3.
 */
export function readOperations(change: EncodedOperations): Operations {
  return new OperationReader(change).read()
}

/** Buffers for the operations of the change that is being read; most changes have a few. */
const scratch = {
  kind: new Uint8Array(maxOperations),
  objectActor: new Uint32Array(maxOperations),
  objectCounter: new Float64Array(maxOperations),
  elementActor: new Uint32Array(maxOperations),
  elementCounter: new Float64Array(maxOperations),
}

class OperationReader {
  /** Hex. */
  private readonly session: string
  private readonly actors: number
  private readonly given = new Map<number, GivenOperation>()
  private givenBytes = 0
  private readonly used: Uint8Array
  private readonly isEmpty: boolean
  private readonly objectActor: RunColumn
  private readonly objectCounter: RunColumn
  private readonly keyActor: RunColumn
  private readonly keyCounter: RunColumn
  private readonly keyText: RunColumn
  private readonly insert: BooleanColumn
  private readonly action: RunColumn
  private readonly valueLength: RunColumn
  private readonly value: Reader
  private readonly predecessors: RunColumn
  private readonly predecessorActor: RunColumn
  private readonly predecessorCounter: RunColumn

  constructor({ actor, columns, others }: EncodedOperations) {
    this.session = actor
    for (const specification of columns.keys()) if (!known.has(specification)) throw unknownForm()
    this.isEmpty = columns.size === 0
    if (!this.isEmpty && always.some((specification) => !columns.has(specification)))
      throw malformed('a column is missing')
    const runs = (specification: number, kind: 'unsigned' | 'delta' | 'text') =>
      new RunColumn(columns.get(specification), kind)
    this.actors = others.length + 1
    this.used = new Uint8Array(this.actors)
    this.objectActor = runs(specifications.objectActor, 'unsigned')
    this.objectCounter = runs(specifications.objectCounter, 'unsigned')
    this.keyActor = runs(specifications.keyActor, 'unsigned')
    this.keyCounter = runs(specifications.keyCounter, 'delta')
    this.keyText = runs(specifications.keyText, 'text')
    this.insert = new BooleanColumn(columns.get(specifications.insert) ?? new Uint8Array(0))
    this.action = runs(specifications.action, 'unsigned')
    this.valueLength = runs(specifications.valueLength, 'unsigned')
    this.value = new Reader(columns.get(specifications.value) ?? new Uint8Array(0), 0)
    this.predecessors = runs(specifications.predecessors, 'unsigned')
    this.predecessorActor = runs(specifications.predecessorActor, 'unsigned')
    this.predecessorCounter = runs(specifications.predecessorCounter, 'delta')
  }

  read(): Operations {
    const { kind, objectActor, objectCounter, elementActor, elementCounter } = scratch
    let count = 0
    let hasRecord = false
    while (!this.isEmpty && !this.action.ended) {
      if (count === maxOperations) throw malformed('too many operations', 'TOO_MANY_OPERATIONS')
      objectActor[count] = this.actor(this.objectActor)
      const object = counter(this.objectCounter.number())
      objectCounter[count] = object
      const elementAt = this.row(object, count)
      hasRecord ||= elementAt.kind === kinds.record
      kind[count] = elementAt.kind
      elementActor[count] = elementAt.actor
      elementCounter[count] = elementAt.counter
      count++
    }
    this.end()
    if (hasRecord && count > 1) throw malformed('a record beside something else')
    return {
      count,
      kind: kind.slice(0, count),
      objectActor: objectActor.slice(0, count),
      objectCounter: objectCounter.slice(0, count),
      elementActor: elementActor.slice(0, count),
      elementCounter: elementCounter.slice(0, count),
      given: this.given,
    }
  }

  private row(object: number, place: number): { kind: number; actor: number; counter: number } {
    const inserts = this.insert.next()
    const action = this.action.number()
    const length = this.valueLength.number() ?? -1
    const text = this.keyText.next()
    const element = this.element(text, this.keyActor.number(), this.keyCounter.number())
    const predecessors = this.predecessors.number()
    if (action === actions.delete && !inserts && element?.counter && length === 0 && predecessors === 1) {
      this.checkDeletion(element)
      return { kind: kinds.deletion, actor: element.actor, counter: element.counter }
    }
    if (inserts === (element === null)) throw unknownForm()
    if (element) {
      if (predecessors !== 0) throw unknownForm()
      return { kind: this.insertion(action, length), actor: element.actor, counter: element.counter }
    }
    const given = this.onGiven(String(text), action, length, predecessors)
    if (given) {
      this.given.set(place, given)
      return { kind: given.kind, actor: 0, counter: 0 }
    }
    if (predecessors !== 0) throw unknownForm()
    return { kind: this.assignment(object, String(text), action, length), actor: 0, counter: 0 }
  }

  /** A deletion names the element that it takes out twice: as its key and as its predecessor. */
  private checkDeletion(element: { actor: number; counter: number }): void {
    const actor = this.actor(this.predecessorActor)
    if (actor !== element.actor || this.predecessorCounter.number() !== element.counter)
      throw malformed('a deletion of something else')
  }

  /** Returns the kind of an operation that inserts. */
  private insertion(action: number | null, length: number): number {
    if (action === actions.makeMap && length === 0) return kinds.anchor
    if (action !== actions.set || length % 16 !== valueTypes.text) throw unknownForm()
    checkCharacter(this.value.take(Math.floor(length / 16)))
    return kinds.character
  }

  /** Returns the kind of an operation that puts a value at a key of a map, which the counter `object` names. */
  private assignment(object: number, key: string, action: number | null, length: number): number {
    if (action === actions.makeText && length === 0 && key === pageKey) return kinds.page
    if (action !== actions.set || length % 16 !== valueTypes.bytes) throw unknownForm()
    const part = partOf(object)
    if (!part) throw unknownReference()
    part.check(key, this.value.take(Math.floor(length / 16)))
    return kinds.record
  }

  /** Reads an operation on given text, or null if it has another form. */
  private onGiven(
    key: string,
    action: number | null,
    length: number,
    predecessors: number | null,
  ): GivenOperation | null {
    if (key === givenKey && predecessors === 0) {
      if (action !== actions.set || length % 16 !== valueTypes.text) throw unknownForm()
      return { kind: kinds.given, length: checkGiven(this.takeGiven(length)) }
    }
    const edit = readGivenKey(key, this.session)
    if (!edit) return null
    if ('offset' in edit) {
      if (action !== actions.makeText || length !== 0 || predecessors !== 0) throw unknownForm()
      return { kind: kinds.kid, offset: edit.offset }
    }
    if (action !== actions.set || length % 16 !== valueTypes.bytes) throw unknownForm()
    const previous = this.previousValue(predecessors)
    const bytes = this.takeGiven(length)
    const value = Buffer.from(bytes).toString('latin1')
    return { kind: kinds.ranges, number: edit.number, end: checkRanges(bytes), value, previous }
  }

  /** Returns the counter of the value that a session's value replaces; 0 for none. */
  private previousValue(predecessors: number | null): number {
    if (predecessors === 0) return 0
    if (predecessors !== 1 || this.actor(this.predecessorActor) !== 0) throw unknownForm()
    return counter(this.predecessorCounter.number())
  }

  /** Takes the bytes of a value of given text. With more of them, a change might not fit into a segment. */
  private takeGiven(length: number): Uint8Array {
    const size = Math.floor(length / 16)
    this.givenBytes += size
    if (this.givenBytes > maxGivenBytes) throw malformed('too much given text')
    return this.value.take(size)
  }

  /** Returns the element that a key names; null for a key of a map. */
  private element(
    text: ReturnType<RunColumn['next']>,
    actor: number | null,
    at: number | null,
  ): { actor: number; counter: number } | null {
    if (at === null) {
      if (actor !== null || text === null) throw malformed('an operation without a place')
      return null
    }
    if (text !== null || (actor === null) !== (at === 0)) throw malformed('an operation at two places')
    return actor === null ? root : { actor: this.use(actor), counter: at }
  }

  private actor(column: RunColumn): number {
    const actor = column.number()
    if (actor === null) throw malformed('an operation without an object')
    return this.use(actor)
  }

  private use(actor: number): number {
    if (actor >= this.actors) throw malformed('an actor that is not named')
    this.used[actor] = 1
    return actor
  }

  private end(): void {
    for (const column of [
      this.objectActor,
      this.objectCounter,
      this.keyActor,
      this.keyCounter,
      this.keyText,
      this.action,
      this.valueLength,
      this.predecessors,
      this.predecessorActor,
      this.predecessorCounter,
      this.insert,
    ])
      column.end()
    if (!this.value.ended) throw malformed('a column is too long')
    // Automerge would not name an actor that nothing refers to, so the change would get another hash.
    if (this.used.indexOf(0, 1) >= 0) throw malformed('an actor that nothing refers to')
  }
}

const root = { actor: 0, counter: 0 } as const

const unknownForm = (): SwarmpadError => malformed('an operation of an unknown form')

function counter(value: number | null): number {
  if (!value) throw malformed('an operation without an object')
  return value
}

/** Throws MALFORMED unless the bytes are the UTF-8 of exactly one code point. */
function checkCharacter(bytes: Uint8Array): void {
  if (bytes.length === 1 && (bytes[0] ?? 0x80) < 0x80) return
  if (bytes.length > 4 || [...decodeText(bytes)].length !== 1)
    throw malformed('more than one character at once')
}
