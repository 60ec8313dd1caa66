import type { ChangeSet } from '@codemirror/state'

/**
 * Combines successive change sets into one. Parts double in their number of change sets, as in a binary counter, so
 * that n of them cost n compositions however they come, and none at the end takes long.
 */
export class EditSum {
  private parts: { readonly changes: ChangeSet; readonly count: number }[] = []

  /** Adds a change set, which fits the text that the last one left. */
  add(changes: ChangeSet): void {
    let sum = { changes, count: 1 }
    for (let last = this.parts.at(-1); last && last.count <= sum.count; last = this.parts.at(-1)) {
      this.parts.pop()
      sum = { changes: last.changes.compose(sum.changes), count: last.count + sum.count }
    }
    this.parts.push(sum)
  }

  /** Returns all that was added, as one change set, and begins with nothing again; null if nothing was. */
  take(): ChangeSet | null {
    const [first, ...rest] = this.parts
    this.parts = []
    return first ? rest.reduce((sum, { changes }) => sum.compose(changes), first.changes) : null
  }
}
