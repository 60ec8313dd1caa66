/** A journal entry as changes name it: its name, and how many changes named it without holding its edits. */
export interface EntryMark {
  /** 16 characters of base64url. */
  readonly name: string
  readonly times: number
}

/** How a replica learns which journal entries hold edits that it closes into a change. */
export interface EntryNaming {
  /** Names the entry of this run. */
  readonly name: string
  /**
   * One element of shared memory, 1 while there is such an entry: up to date whenever a change is closed, however many
   * messages wait.
   */
  readonly active: Int32Array
  /** Entries of earlier runs: the replica looks for their edits in the document, and enters missing ones. */
  readonly earlier: readonly EntryMark[]
}

/** Bytes of an entry's name, which are random. */
export const entryNameSize = 12

/** Most entries that one change names. Rule D11. */
const maxNamed = 16

/** Returns true for the message of a change (bytes) that is empty or consists of entry names. Rule D11. */
export function isNaming(message: Uint8Array): boolean {
  if (message.length === 0) return true
  const names = Buffer.from(message).toString('latin1').split(' ')
  return names.length <= maxNamed && names.every(isEntryName)
}

/** Returns true for the name of an entry. */
export const isEntryName = (name: string): boolean => /^[\w-]{16}$/.test(name)

/** Decides which entries a replica's next change names in its message (rule D11). */
export class EntryNames {
  private readonly naming: EntryNaming
  private earlier: readonly EntryMark[]
  private count = 0

  constructor(naming: EntryNaming) {
    this.naming = naming
    this.earlier = naming.earlier
  }

  /** Returns the entries of earlier runs whose edits are in the document, by its changes' messages. No change names them again. */
  find(messages: () => Iterable<string>): string[] {
    if (this.earlier.length === 0) return []
    const counts = new Map(this.earlier.map(({ name }) => [name, 0]))
    for (const message of messages())
      for (const name of new Set(message.split(' '))) {
        const count = counts.get(name)
        if (count !== undefined) counts.set(name, count + 1)
      }
    const isSpent = ({ name, times }: EntryMark) => (counts.get(name) ?? 0) > times
    const spent = this.earlier.filter(isSpent)
    this.earlier = this.earlier.filter((entry) => !isSpent(entry))
    return spent.map(({ name }) => name)
  }

  /** Returns the message of the change being closed; undefined for none. */
  next(): string | undefined {
    const names = this.earlier.slice(0, maxNamed - 1).map(({ name }) => name)
    this.earlier = this.earlier.slice(maxNamed - 1)
    if (Atomics.load(this.naming.active, 0) === 1) {
      this.count++
      names.push(this.naming.name)
    }
    return names.length > 0 ? names.join(' ') : undefined
  }

  /** Returns how many changes named the entry of this run since the last call. */
  taken(): number {
    const { count } = this
    this.count = 0
    return count
  }
}
