/** An operation in the form in which Automerge's own encoder takes it. */
export interface Operation {
  action: string
  obj: string
  key?: string
  elemId?: string
  insert?: boolean
  value?: unknown
  datatype?: string
  pred: string[]
}

/** A change under way: what it does, and whether the rules allow it. */
export interface Attempt {
  readonly operations: Operation[]
  readonly deleted: Set<string>
  /** The operations, by number, whose strings stand for bytes. */
  readonly bytes: Set<number>
  /** The places of pages in given text, and the last values there. */
  readonly kids: Set<string>
  readonly values: Map<string, { readonly id: string; readonly value: string }>
  isSound: boolean
}

/** The change that is being made: its session (hex), its first counter, and the hashes of its ancestors. */
export interface Made {
  readonly actor: string
  readonly startOp: number
  readonly above: ReadonlySet<string>
}

/** Stands for the hash of the change that is being made. */
export const underWay = ''

/** Adds an operation to a change that is being made. */
export function push(attempt: Attempt, operation: Operation, isSound: boolean): void {
  attempt.operations.push(operation)
  attempt.isSound &&= isSound
}

/** Returns the id of the next operation of a change that is being made. */
export const nextId = ({ operations }: Attempt, { actor, startOp }: Made): string =>
  `${startOp + operations.length}@${actor}`
