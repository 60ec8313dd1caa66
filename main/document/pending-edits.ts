import type { ChangeSet, Text } from '@codemirror/state'
import { Crossing, cross } from '../replica/crossing'

/** State of the local edits: `pending` lead from `closed` to the text here, and are the last of all that were made. */
export interface EditState {
  /** The text without the pending edits. */
  readonly closed: Text
  /** Edits that are in no change yet, oldest first. */
  readonly pending: readonly ChangeSet[]
  /** Number of edits ever made, including those that an earlier run left. */
  readonly made: number
}

/**
 * The local edits that the replica has not closed into changes, and the text that the first of them fits. Edits of
 * both sides cross on the way; both ends rebase them and come to the same text.
 */
export class PendingEdits implements EditState {
  private text: Text
  private count: number
  private crossing = new Crossing('follower')

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
    for (const edit of this.crossing.acknowledge(edits)) this.text = edit.apply(this.text)
  }

  /** Drops the first `count` pending edits: the document has them from an earlier run. */
  skip(count: number): void {
    const { pending } = this
    for (const edit of pending.slice(0, count)) this.text = edit.apply(this.text)
    this.restart(pending.slice(count))
  }

  /** Takes the replica's next change, made after it had `edits` of the edits here; returns it for the text here. */
  receive(changes: ChangeSet, edits: number): ChangeSet {
    this.text = changes.apply(this.text)
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
    this.text = text
    this.restart(pending)
    return incoming
  }

  private restart(pending: readonly ChangeSet[]): void {
    this.crossing = new Crossing('follower')
    for (const changes of pending) this.crossing.send(changes)
  }
}
