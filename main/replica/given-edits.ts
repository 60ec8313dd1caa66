/** A session's last value in given text at one key. */
export interface LastValue {
  /** The counter of the operation that put it. */
  readonly counter: number
  /** Latin-1. */
  readonly value: string
}

/** A page that a session made in given text. */
export interface KidPlace {
  /** The key of the anchor with the given text. */
  readonly anchor: number
  /** UTF-16 code units. */
  readonly offset: number
}

/** Names a session's value in given text. */
export interface ValuePlace {
  /** The key of the anchor with the given text. */
  readonly anchor: number
  /** The number of the value among those of its session. */
  readonly number: number
}

/** The pages that one session made in given texts, and the last values that it put there. */
export class GivenEdits {
  private readonly kids = new Map<number, Set<number>>()
  private readonly values = new Map<number, Map<number, LastValue>>()

  /** Returns true if the session made a page at a place. */
  hasKid({ anchor, offset }: KidPlace): boolean {
    return this.kids.get(anchor)?.has(offset) ?? false
  }

  addKid({ anchor, offset }: KidPlace): void {
    const offsets = this.kids.get(anchor)
    if (offsets) offsets.add(offset)
    else this.kids.set(anchor, new Set([offset]))
  }

  removeKid({ anchor, offset }: KidPlace): void {
    this.kids.get(anchor)?.delete(offset)
  }

  /** Returns the session's last value with a number; null for none. */
  value({ anchor, number }: ValuePlace): LastValue | null {
    return this.values.get(anchor)?.get(number) ?? null
  }

  /** Replaces the last value with a number; null removes it. */
  setValue({ anchor, number }: ValuePlace, value: LastValue | null): void {
    const values = this.values.get(anchor) ?? new Map<number, LastValue>()
    if (value) this.values.set(anchor, values.set(number, value))
    else values.delete(number)
  }
}
