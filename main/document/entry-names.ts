/**
 * How a replica learns which journal entries hold edits that it closes into a change. The number is shared memory,
 * so that it is right when a change is closed, however many messages wait before it.
 */
export interface EntryNaming {
  /** Begins the names of entries of this run: 16 characters. */
  readonly prefix: string
  /** One element on shared memory: the number of this run's entry; 0 while there is none. */
  readonly current: Int32Array
  /** Names of entries of earlier runs: the replica looks for them in the document, and enters what is not there. */
  readonly earlier: readonly string[]
}

/** Bytes of an entry's name that are random. */
export const entryNameSize = 12

/** The name of an entry of this run, from its number, 1 or more. */
export const entryName = (prefix: string, number: number): string => `${prefix}.${number}`

/** Whether a string is the name of an entry. */
export const isEntryName = (name: string): boolean => /^[\w-]{16}\.[1-9]\d{0,9}$/.test(name)

/** Decides which entries a replica's next change names in its message (rule D11). */
export class EntryNames {
  private readonly naming: EntryNaming
  private earlier: readonly string[]
  private named = 0

  constructor(naming: EntryNaming) {
    this.naming = naming
    this.earlier = naming.earlier
  }

  /** The entries of earlier runs that messages of changes name. Their edits are in the document: no change of this replica names them again. */
  find(messages: () => Iterable<string>): string[] {
    if (this.earlier.length === 0) return []
    const found = new Set<string>()
    for (const message of messages()) for (const name of message.split(' ')) found.add(name)
    const spent = this.earlier.filter((name) => found.has(name))
    this.earlier = this.earlier.filter((name) => !found.has(name))
    return spent
  }

  /** The message of the change that is closed now; undefined for none. Each entry is named once. */
  next(): string | undefined {
    const names = [...this.earlier]
    this.earlier = []
    const number = Atomics.load(this.naming.current, 0)
    if (number > this.named) {
      this.named = number
      names.push(entryName(this.naming.prefix, number))
    }
    return names.length > 0 ? names.join(' ') : undefined
  }
}
