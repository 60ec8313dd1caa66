/** The keys of the elements that one session deleted, as runs of consecutive keys in ascending order. */
export class Deletions {
  private readonly from: number[] = []
  private readonly to: number[] = []

  has(key: number): boolean {
    const slot = this.slotOf(key)
    return slot >= 0 && (this.to[slot] ?? 0) >= key
  }

  /** Adds consecutive keys that are not in the set. */
  addRun(from: number, to: number): void {
    const slot = this.slotOf(from)
    const joinsBefore = slot >= 0 && this.to[slot] === from - 1
    const joinsAfter = this.from[slot + 1] === to + 1
    if (joinsBefore && joinsAfter) {
      this.to[slot] = this.to[slot + 1] ?? to
      this.from.splice(slot + 1, 1)
      this.to.splice(slot + 1, 1)
    } else if (joinsBefore) this.to[slot] = to
    else if (joinsAfter) this.from[slot + 1] = from
    else {
      this.from.splice(slot + 1, 0, from)
      this.to.splice(slot + 1, 0, to)
    }
  }

  /** Removes a key. */
  remove(key: number): void {
    const slot = this.slotOf(key)
    const [from = 0, to = 0] = [this.from[slot], this.to[slot]]
    const left = [
      [from, key - 1],
      [key + 1, to],
    ].filter(([first = 0, last = 0]) => first <= last)
    this.from.splice(slot, 1, ...left.map(([first = 0]) => first))
    this.to.splice(slot, 1, ...left.map(([, last = 0]) => last))
  }

  /** Returns the index of the last run that begins at or before a key; -1 for none. */
  private slotOf(key: number): number {
    let low = 0
    let high = this.from.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.from[middle] ?? 0) <= key) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
