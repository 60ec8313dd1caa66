import { hex } from '../base/hex'
import type { KnownChange } from './change'
import { Reader } from './columns'

/** Contents of a document chunk: its changes, and the places of its elements. */
export interface DocumentOperations {
  /** In an order in which each follows what it depends on. */
  readonly changes: readonly SavedChange[]
  /** Elements with consecutive counters in one text; for each actor in ascending order. */
  readonly runs: readonly ElementRun[]
  /** Deletions by an actor, each of elements with consecutive counters that one actor inserted. */
  readonly deletions: readonly DeletionRun[]
  /** Pages with their depths; the body has 1 and is not among them. */
  readonly texts: readonly { readonly actor: string; readonly counter: number; readonly depth: number }[]
}

/** A change in a document chunk. Actors are hex. */
export interface SavedChange extends KnownChange {
  readonly dependencies: readonly KnownChange[]
}

interface ElementRun {
  readonly actor: string
  readonly from: number
  readonly to: number
  readonly text: { readonly actor: string; readonly counter: number }
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
  insert: 0x34,
  action: 0x42,
  successorCount: 0x80,
  successorActor: 0x81,
}
const makeMap = 0
const makeText = 4
const booleanType = 4
const deltaType = 3

/**
 * Reads the changes and operations off a document chunk that Automerge loads and that has no deflated columns.
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

type Columns = ReadonlyMap<number, Uint8Array>

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
  const name = (index: number | undefined) => actors[index ?? -1] ?? ''
  const runs: ElementRun[] = []
  const texts: DocumentOperations['texts'][number][] = []
  const depths = new Map<string, number>()
  /** The depth of the text that an anchor stands in. */
  const anchors = new Map<string, number>()
  let run: { actor: number; from: number; to: number; object: number; isAnchor: boolean } | null = null
  const close = () => {
    if (run)
      runs.push({
        actor: name(run.actor),
        from: run.from,
        to: run.to,
        text: { actor: name(objectActor[run.object]), counter: objectCounter[run.object] ?? 0 },
        isAnchor: run.isAnchor,
      })
    run = null
  }
  // Objects stand in the order of their counters, so a page comes after the text that its anchor stands in.
  for (let row = 0; row < action.length; row++) {
    const [by = 0, at = 0] = [actor[row], counter[row]]
    const object = () => `${objectCounter[row]}@${objectActor[row]}`
    if (insert[row] === 1) {
      const isAnchor = action[row] === makeMap
      if (isAnchor) anchors.set(`${at}@${by}`, depths.get(object()) ?? 1)
      const isNext =
        run !== null &&
        run.actor === by &&
        run.to === at - 1 &&
        run.isAnchor === isAnchor &&
        objectCounter[run.object] === objectCounter[row] &&
        objectActor[run.object] === objectActor[row]
      if (isNext && run) run.to = at
      else {
        close()
        run = { actor: by, from: at, to: at, object: row, isAnchor }
      }
      continue
    }
    const anchor = action[row] === makeText ? anchors.get(object()) : undefined
    if (anchor === undefined) continue
    depths.set(`${at}@${by}`, anchor + 1)
    texts.push({ actor: name(by), counter: at, depth: anchor + 1 })
  }
  close()
  runs.sort((one, two) => one.from - two.from)
  return { runs, texts }
}

/** Elements stand in the order of the text, so a stretch that was deleted at once is mostly one run. */
function readDeletions(columns: Columns, actors: readonly string[]): DeletionRun[] {
  const column = (specification: number) => readColumn(columns, specification)
  const actor = column(operationColumns.actor)
  const counter = column(operationColumns.counter)
  const counts = column(operationColumns.successorCount)
  const by = column(operationColumns.successorActor)
  const open = new Map<number, { element: number; from: number; to: number }>()
  const runs: DeletionRun[] = []
  const name = (index: number) => actors[index] ?? ''
  const close = (deleter: number) => {
    const run = open.get(deleter)
    if (run) runs.push({ actor: name(deleter), element: name(run.element), from: run.from, to: run.to })
  }
  let next = 0
  for (let row = 0; row < counts.length; row++) {
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

/** The values of a column; those that are not there are -1, and booleans 0 or 1. */
function readColumn(columns: Columns, specification: number): Float64Array {
  const data = columns.get(specification) ?? new Uint8Array(0)
  const values = new Float64Array(countValues(data, specification & 7))
  const reader = new Reader(data, 0)
  if ((specification & 7) === booleanType) {
    for (let index = 0, value = 0; !reader.ended; value = 1 - value) {
      const end = index + reader.unsigned()
      values.fill(value, index, end)
      index = end
    }
    return values
  }
  const isDelta = (specification & 7) === deltaType
  let last = 0
  const read = () => {
    last = isDelta ? last + reader.signed() : reader.unsigned()
    return last
  }
  for (let index = 0; !reader.ended; ) {
    const run = reader.signed()
    const end = index + (run === 0 ? reader.unsigned() : Math.abs(run))
    if (run === 0) values.fill(-1, index, end)
    else if (run < 0) for (; index < end; index++) values[index] = read()
    else {
      const before = last
      const step = read() - before
      // A run of a delta column repeats the step, any other the value.
      for (let count = 1; index < end; count++, index++)
        values[index] = isDelta ? before + count * step : last
      if (isDelta) last = before + run * step
    }
    index = end
  }
  return values
}

function countValues(data: Uint8Array, type: number): number {
  const reader = new Reader(data, 0)
  let count = 0
  while (!reader.ended) {
    if (type === booleanType) {
      count += reader.unsigned()
      continue
    }
    const run = reader.signed()
    count += run === 0 ? reader.unsigned() : Math.abs(run)
    const read = () => (type === deltaType ? reader.signed() : reader.unsigned())
    if (run > 0) read()
    for (let literal = run; literal < 0; literal++) read()
  }
  return count
}
