/** Maps the elements that a session inserted, by their operations' counters, to the texts that they are in. */
export class Elements {
  /** Runs of consecutive counters in one text, in ascending order. */
  private readonly from: number[] = []
  private readonly to: number[] = []
  private readonly text: number[] = []

  /** Adds an element. Counters come in ascending order. */
  add(counter: number, text: number): void {
    const last = this.to.length - 1
    if (this.to[last] === counter - 1 && this.text[last] === text) this.to[last] = counter
    else this.addRun(counter, counter, text)
  }

  /** Adds elements with consecutive counters. */
  addRun(from: number, to: number, text: number): void {
    this.from.push(from)
    this.to.push(to)
    this.text.push(text)
  }

  /** Returns the text of an element; 0 if the session inserted none with that counter. */
  find(counter: number): number {
    let low = 0
    let high = this.from.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.from[middle] ?? 0) <= counter) low = middle + 1
      else high = middle
    }
    return (this.to[low - 1] ?? 0) >= counter ? (this.text[low - 1] ?? 0) : 0
  }

  /** Removes all elements with counters from this one on. */
  cut(counter: number): void {
    while ((this.from.at(-1) ?? 0) >= counter) {
      this.from.pop()
      this.to.pop()
      this.text.pop()
    }
    const last = this.to.length - 1
    if ((this.to[last] ?? 0) >= counter) this.to[last] = counter - 1
  }
}
