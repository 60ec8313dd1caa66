import type { ChangeSet } from '@codemirror/state'

/** One of the two parties: of text that both insert at one place, the leader's comes first. */
export type Side = 'leader' | 'follower'

/**
 * Rebases an edit over edits that its maker had not seen, and those over it. Algorithm: Nichols et
 * al., 'High-latency, low-bandwidth windowing in the Jupiter collaboration system', UIST 1995, with
 * CodeMirror's change sets as operations. `side` is the side on which this is called.
 */
export function cross(
  incoming: ChangeSet,
  pending: readonly ChangeSet[],
  side: Side,
): { incoming: ChangeSet; pending: ChangeSet[] } {
  const leads = side === 'leader'
  let rebased = incoming
  const moved = pending.map((own) => {
    const before = rebased
    rebased = before.map(own, !leads)
    return own.map(before, leads)
  })
  return { incoming: rebased, pending: moved }
}

/**
 * One end of a line between two parties that edit one text at once. Each applies its own edits
 * before the other has seen them, so edits cross on the way; each end rebases what arrives over what
 * the other had not seen yet, and both come to the same text. The line must keep messages in order.
 */
export class Crossing {
  private readonly side: Side
  private pending: ChangeSet[] = []
  private acknowledged = 0
  private lastReceived = 0

  constructor(side: Side) {
    this.side = side
  }

  /** Number of the other end's edits received: goes with every message to it. */
  get received(): number {
    return this.lastReceived
  }

  /** Local edits that the other end has not acknowledged, oldest first. */
  get unacknowledged(): readonly ChangeSet[] {
    return this.pending
  }

  /** Notes a local edit that is about to be sent. */
  send(changes: ChangeSet): void {
    this.pending.push(changes)
  }

  /** Notes that the other end has the local edits up to `number`, counted from 1; returns those newly acknowledged. */
  acknowledge(number: number): ChangeSet[] {
    const count = Math.max(0, Math.min(number - this.acknowledged, this.pending.length))
    this.acknowledged += count
    return this.pending.splice(0, count)
  }

  /**
   * Takes the other end's next edit, made when it had received the local edits up to `acknowledged`; returns it
   * rebased to the text here.
   */
  receive(changes: ChangeSet, acknowledged: number): ChangeSet {
    this.acknowledge(acknowledged)
    this.lastReceived++
    const crossed = cross(changes, this.pending, this.side)
    this.pending = crossed.pending
    return crossed.incoming
  }

  /** Maps an offset in the other end's text, as of the local edits up to `number`, to the text here. */
  place(position: number, number: number): number {
    const unseen = this.pending.slice(Math.max(0, number - this.acknowledged))
    return unseen.reduce((place, edit) => edit.mapPos(Math.min(place, edit.length), 1), position)
  }
}
