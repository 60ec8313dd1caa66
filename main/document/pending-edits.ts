import { ChangeSet, type Text } from '@codemirror/state'
import { Crossing, cross } from '../replica/crossing'

/** State of the local edits: `pending` lead from `closed` to the text here, and are the last of all that were made. */
export interface EditState {
  /** The text without the pending edits. */
  readonly closed: Text
  /** Edits that are in no change yet, oldest first. */
  readonly pending: readonly ChangeSet[]
  /** Number of edits ever made, including those that an earlier run left. */
  readonly made: number
  /** All that led from the text at the last `mark` to `closed`; null where that is too much, or nothing was marked. */
  readonly sinceMark: ChangeSet | null
  /** Marks `closed` as the text that `sinceMark` begins at; `since` led to it from an earlier one, if given. */
  mark(since?: ChangeSet): void
}

/** Number of changes since a mark, and of UTF-16 code units that they insert, up to which they are kept together. */
const maxSinceMark = { changes: 2_000, inserted: 16_384 }

/**
 * The local edits that the replica has not closed into changes, and the text that the first of them fits. Edits of
 * both sides cross on the way; both ends rebase them and come to the same text.
 */
export class PendingEdits implements EditState {
  private text: Text
  private count: number
  private crossing = new Crossing('follower')
  private since: { readonly changes: ChangeSet; readonly count: number; readonly inserted: number } | null =
    null

  /** `left` are edits of an earlier run; the first fits `text`. */
  constructor(text: Text, left: readonly ChangeSet[]) {
    this.text = text
    this.count = left.length
    for (const changes of left) this.crossing.send(changes)
  }

  get closed(): Text {
    return this.text
  }

  get pending(): readonly ChangeSet[] {
    return this.crossing.unacknowledged
  }

  get made(): number {
    return this.count
  }

  get sinceMark(): ChangeSet | null {
    return this.since?.changes ?? null
  }

  mark(since = ChangeSet.empty(this.text.length)): void {
    this.since = { changes: since, count: 0, inserted: insertedBy(since) }
  }

  /** Number of the replica's edits received since it loaded. */
  get received(): number {
    return this.crossing.received
  }

  /** Adds an edit that was applied to the text here. */
  add(changes: ChangeSet): void {
    this.crossing.send(changes)
    this.count++
  }

  /** The replica has closed its first `edits` edits, counted since it loaded, into changes. */
  close(edits: number): void {
    for (const edit of this.crossing.acknowledge(edits)) this.move(edit)
  }

  /** Drops the first `count` pending edits: the document has them from an earlier run. */
  skip(count: number): void {
    const { pending } = this
    for (const edit of pending.slice(0, count)) this.move(edit)
    this.restart(pending.slice(count))
  }

  /** Takes the replica's next change, made after it had `edits` of the edits here; returns it for the text here. */
  receive(changes: ChangeSet, edits: number): ChangeSet {
    this.move(changes)
    return this.crossing.receive(changes, edits)
  }

  /** Moves an offset in the replica's text after its first `edits` edits to the text here. */
  place(offset: number, edits: number): number {
    return this.crossing.place(offset, edits)
  }

  /**
   * Begins again with the text of a replica that has loaded; `unseen` leads from `closed` to it. The pending edits are
   * rebased. Returns `unseen` for the text here.
   */
  reload(text: Text, unseen: ChangeSet): ChangeSet {
    const { incoming, pending } = cross(unseen, this.pending, 'follower')
    this.move(unseen, text)
    this.restart(pending)
    return incoming
  }

  private move(changes: ChangeSet, text = changes.apply(this.text)): void {
    this.text = text
    if (!this.since || changes.empty) return
    const count = this.since.count + 1
    const inserted = this.since.inserted + insertedBy(changes)
    const isTooMuch = count > maxSinceMark.changes || inserted > maxSinceMark.inserted
    this.since = isTooMuch ? null : { changes: this.since.changes.compose(changes), count, inserted }
  }

  private restart(pending: readonly ChangeSet[]): void {
    this.crossing = new Crossing('follower')
    for (const changes of pending) this.crossing.send(changes)
  }
}

function insertedBy(changes: ChangeSet): number {
  let inserted = 0
  changes.iterChanges((_from, _to, _fromNew, _toNew, { length }) => {
    inserted += length
  })
  return inserted
}
