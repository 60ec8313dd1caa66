/** Bytes of segments that may be under way to a peer before it grants more. Rule W30. */
export const creditWindow = 512 * 1024

/** Credit is granted anew when this much was dealt with, in bytes. */
const creditStep = 128 * 1024

/**
 * The receiving end of a byte credit: what may still come, what waits for the disk, and what can be
 * granted anew. A slow disk so bounds what a peer can have under way.
 */
export class ReceiveCredit {
  private granted = creditWindow
  private dealtWith = 0

  /** `size` bytes came. False when the peer sent far more than it was granted. */
  take(size: number): boolean {
    this.granted -= size
    // As much again is borne, since it costs little and grants may be doubled on the way.
    return this.granted >= -creditWindow
  }

  /** `size` of the bytes that came need no more room. */
  release(size: number): void {
    this.dealtWith += size
  }

  /** How much to grant now; 0 while it is not worth a message. */
  takeGrant(): number {
    if (this.dealtWith < creditStep) return 0
    const grant = this.dealtWith
    this.dealtWith = 0
    this.granted += grant
    return grant
  }
}
