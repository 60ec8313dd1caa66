import { hex } from '../base/hex'
import type { KnownChange } from './change'
import { decodeText, Reader, RunColumn } from './columns'
import { type Columns, readColumn } from './document-columns'
import type { LastValue } from './given-edits'
import { givenKey, readGivenKey } from './given-format'

/** Contents of a document chunk: its changes, and the places of its elements. */
export interface DocumentOperations {
  /** In an order in which each follows what it depends on. */
  readonly changes: readonly SavedChange[]
  /** Elements with consecutive counters in one text; for each actor in ascending order. */
  readonly runs: readonly ElementRun[]
  /** Deletions by an actor, each of elements with consecutive counters that one actor inserted. */
  readonly deletions: readonly DeletionRun[]
  /** Pages with their depths; the body has 1 and is not among them. */
  readonly texts: readonly (ObjectName & { readonly depth: number })[]
  /** Given texts: the depth of pages in them, and their lengths in UTF-16 code units. */
  readonly given: readonly { readonly anchor: ObjectName; readonly depth: number; readonly length: number }[]
  /** Pages in given texts, with who made them and the unit before which they stand. */
  readonly kids: readonly { readonly actor: string; readonly anchor: ObjectName; readonly offset: number }[]
  /** The last value that an actor put into a given text, for each number. */
  readonly values: readonly {
    readonly actor: string
    readonly anchor: ObjectName
    readonly number: number
    readonly last: LastValue
  }[]
}

/** Names an object by the operation that made it. Actor in hex. */
interface ObjectName {
  readonly actor: string
  readonly counter: number
}

/** A change in a document chunk. Actors are hex. */
export interface SavedChange extends KnownChange {
  readonly dependencies: readonly KnownChange[]
}

interface ElementRun {
  readonly actor: string
  readonly from: number
  readonly to: number
  readonly text: ObjectName
  readonly isAnchor: boolean
}

interface DeletionRun {
  readonly actor: string
  readonly element: string
  readonly from: number
  readonly to: number
}

const chunkStart = 9
const hashSize = 32
/** Specifications of columns: number, four bits up, and type. */
const changeColumns = { actor: 0x01, seq: 0x03, maxOp: 0x13, dependencyCount: 0x40, dependency: 0x43 }
const operationColumns = {
  objectActor: 0x01,
  objectCounter: 0x02,
  actor: 0x21,
  counter: 0x23,
  keyText: 0x15,
  insert: 0x34,
  action: 0x42,
  valueLength: 0x56,
  value: 0x57,
  successorCount: 0x80,
  successorActor: 0x81,
}
const makeMap = 0
const makeText = 4
/** A value's metadata is its size times this, and its type. */
const valueTypes = 16

/**
 * Reads the changes and operations of a document chunk that Automerge loads and that has no deflated columns.
 * Throws MALFORMED when it is cut short.
 * Format: https://automerge.org/automerge-binary-format-spec/
 */
export function readDocumentOperations(bytes: Uint8Array): DocumentOperations {
  const { actors, changes, operations } = readTables(bytes)
  return {
    changes: readChanges(changes, actors),
    ...readElements(operations, actors),
    deletions: readDeletions(operations, actors),
  }
}

/**
 * Returns true if two document chunks hold the same operations in the same order and encoding. Throws MALFORMED
 * for a chunk that is cut short.
 */
export function holdSameOperations(one: Uint8Array, two: Uint8Array): boolean {
  const [first, second] = [readTables(one), readTables(two)]
  return (
    first.actors.join() === second.actors.join() &&
    first.operations.size === second.operations.size &&
    [...first.operations].every(([specification, data]) => {
      const other = second.operations.get(specification)
      return other !== undefined && Buffer.compare(data, other) === 0
    })
  )
}

function readTables(bytes: Uint8Array): { actors: string[]; changes: Columns; operations: Columns } {
  const chunk = new Reader(bytes, chunkStart)
  chunk.unsigned()
  const actors = Array.from({ length: chunk.count(1) }, () => hex(chunk.take(chunk.unsigned())))
  for (let heads = chunk.count(hashSize); heads > 0; heads--) chunk.take(hashSize)
  const layouts = [readLayout(chunk), readLayout(chunk)] as const
  const [changes, operations] = layouts.map(
    (layout) => new Map(layout.map(({ specification, size }) => [specification, chunk.take(size)])),
  )
  if (!changes || !operations) throw new Error('two tables were read')
  return { actors, changes, operations }
}

const readLayout = (chunk: Reader): { specification: number; size: number }[] =>
  Array.from({ length: chunk.count(2) }, () => ({ specification: chunk.unsigned(), size: chunk.unsigned() }))

function readChanges(columns: Columns, actors: readonly string[]): SavedChange[] {
  const column = (specification: number) => readColumn(columns, specification)
  const actor = column(changeColumns.actor)
  const seq = column(changeColumns.seq)
  const maxOp = column(changeColumns.maxOp)
  const counts = column(changeColumns.dependencyCount)
  const dependencies = column(changeColumns.dependency)
  const changes: SavedChange[] = []
  let next = 0
  for (let index = 0; index < actor.length; index++) {
    const before: KnownChange[] = []
    for (let left = counts[index] ?? 0; left > 0; left--) {
      const dependency = changes[dependencies[next++] ?? -1]
      if (dependency) before.push(dependency)
    }
    changes.push({
      actor: actors[actor[index] ?? -1] ?? '',
      seq: seq[index] ?? 0,
      maxOp: maxOp[index] ?? 0,
      dependencies: before,
    })
  }
  return changes
}

/** Reads the elements, pages and given texts of a document; objects are in the order of their counters. */
function readElements(
  columns: Columns,
  actors: readonly string[],
): Omit<DocumentOperations, 'changes' | 'deletions'> {
  const column = (specification: number) => readColumn(columns, specification)
  const objectActor = column(operationColumns.objectActor)
  const objectCounter = column(operationColumns.objectCounter)
  const actor = column(operationColumns.actor)
  const counter = column(operationColumns.counter)
  const insert = column(operationColumns.insert)
  const action = column(operationColumns.action)
  const keyText = new RunColumn(columns.get(operationColumns.keyText), 'text')
  const valueLength = column(operationColumns.valueLength)
  const values = new Reader(columns.get(operationColumns.value) ?? new Uint8Array(0), 0)
  const runs = new ElementRuns(actors)
  const pages = new Pages(actors)
  for (let row = 0; row < action.length; row++) {
    const operation = { actor: actor[row] ?? -1, counter: counter[row] ?? 0 }
    const object = { actor: objectActor[row] ?? -1, counter: objectCounter[row] ?? 0 }
    const key = keyText.next()
    const value = values.take(Math.floor((valueLength[row] ?? 0) / valueTypes))
    if (insert[row] === 1) {
      const isAnchor = action[row] === makeMap
      runs.add(operation, object, isAnchor)
      if (isAnchor) pages.addAnchor(operation, object)
    } else if (action[row] === makeText) pages.addText(operation, object, String(key))
    else pages.addValue(operation, object, String(key), value)
  }
  const { texts, given, kids } = pages
  return { runs: runs.sorted(), texts, given, kids, values: [...pages.values.values()] }
}

/** An operation's id in a document chunk: the index of its actor, and its counter. */
interface ChunkId {
  readonly actor: number
  readonly counter: number
}

/** Joins elements with consecutive counters in one text to runs. */
class ElementRuns {
  private readonly actors: readonly string[]
  private readonly runs: ElementRun[] = []
  private open: { actor: number; from: number; to: number; text: ChunkId; isAnchor: boolean } | null = null

  constructor(actors: readonly string[]) {
    this.actors = actors
  }

  add({ actor, counter }: ChunkId, text: ChunkId, isAnchor: boolean): void {
    const { open } = this
    const continues =
      open !== null &&
      open.actor === actor &&
      open.to === counter - 1 &&
      open.isAnchor === isAnchor &&
      open.text.counter === text.counter &&
      open.text.actor === text.actor
    if (continues) open.to = counter
    else {
      this.close()
      this.open = { actor, from: counter, to: counter, text, isAnchor }
    }
  }

  /** Returns the runs; those of each actor in ascending order. */
  sorted(): ElementRun[] {
    this.close()
    return this.runs.sort((one, two) => one.from - two.from)
  }

  private close(): void {
    if (!this.open) return
    const { actor, from, to, text, isAnchor } = this.open
    const name = (index: number) => this.actors[index] ?? ''
    this.runs.push({
      actor: name(actor),
      from,
      to,
      text: { actor: name(text.actor), counter: text.counter },
      isAnchor,
    })
    this.open = null
  }
}

/** Collects what hangs on anchors, with its depth. A page comes after the text that holds its anchor. */
class Pages {
  readonly texts: DocumentOperations['texts'][number][] = []
  readonly given: DocumentOperations['given'][number][] = []
  readonly kids: DocumentOperations['kids'][number][] = []
  readonly values = new Map<string, DocumentOperations['values'][number]>()
  private readonly actors: readonly string[]
  private readonly depths = new Map<string, number>()
  /** The depth of the text that holds an anchor. */
  private readonly anchors = new Map<string, number>()

  constructor(actors: readonly string[]) {
    this.actors = actors
  }

  addAnchor(anchor: ChunkId, text: ChunkId): void {
    this.anchors.set(nameOf(anchor), this.depths.get(nameOf(text)) ?? 1)
  }

  addText(text: ChunkId, object: ChunkId, key: string): void {
    const above = this.anchors.get(nameOf(object))
    if (above === undefined) return
    this.depths.set(nameOf(text), above + 1)
    const { actor, counter } = this.objectOf(text)
    this.texts.push({ actor, counter, depth: above + 1 })
    const edit = readGivenKey(key, actor)
    if (edit && 'offset' in edit)
      this.kids.push({ actor, anchor: this.objectOf(object), offset: edit.offset })
  }

  addValue(operation: ChunkId, object: ChunkId, key: string, value: Uint8Array): void {
    const above = this.anchors.get(nameOf(object))
    if (above === undefined) return
    const anchor = this.objectOf(object)
    if (key === givenKey) {
      this.given.push({ anchor, depth: above + 1, length: decodeText(value).length })
      return
    }
    const { actor, counter } = this.objectOf(operation)
    const edit = readGivenKey(key, actor)
    if (!edit || !('number' in edit)) return
    const name = `${nameOf(object)} ${operation.actor} ${edit.number}`
    // Operations at one key are in ascending order.
    const last = { counter, value: Buffer.from(value).toString('latin1') }
    this.values.set(name, { actor, anchor, number: edit.number, last })
  }

  private objectOf({ actor, counter }: ChunkId): ObjectName {
    return { actor: this.actors[actor] ?? '', counter }
  }
}

const nameOf = ({ actor, counter }: ChunkId): string => `${counter}@${actor}`

/**
 * Reads the deletions. Elements are in the order of the text, so text that was deleted at once is mostly one run. What
 * comes after a value at a key of a map is another value there, and no deletion.
 */
function readDeletions(columns: Columns, actors: readonly string[]): DeletionRun[] {
  const column = (specification: number) => readColumn(columns, specification)
  const actor = column(operationColumns.actor)
  const counter = column(operationColumns.counter)
  const counts = column(operationColumns.successorCount)
  const by = column(operationColumns.successorActor)
  const insert = column(operationColumns.insert)
  const open = new Map<number, { element: number; from: number; to: number }>()
  const runs: DeletionRun[] = []
  const name = (index: number) => actors[index] ?? ''
  const close = (deleter: number) => {
    const run = open.get(deleter)
    if (run) runs.push({ actor: name(deleter), element: name(run.element), from: run.from, to: run.to })
  }
  let next = 0
  for (let row = 0; row < counts.length; row++) {
    if (insert[row] !== 1) {
      next += counts[row] ?? 0
      continue
    }
    const [element = 0, at = 0] = [actor[row], counter[row]]
    for (let left = counts[row] ?? 0; left > 0; left--) {
      const deleter = by[next++] ?? -1
      const run = open.get(deleter)
      if (run?.element === element && run.to === at - 1) run.to = at
      else {
        close(deleter)
        open.set(deleter, { element, from: at, to: at })
      }
    }
  }
  for (const deleter of open.keys()) close(deleter)
  return runs
}
