/** Bytes of segments that may be under way to a peer before it grants more. Rule W30. */
export const creditWindow = 512 * 1024

/** Credit is granted again after this much was processed, in bytes. */
const creditStep = 128 * 1024

/**
 * The receiving end of a byte credit: counts the bytes that may still arrive and those that can be granted
 * again. A slow disk thus limits the bytes that a peer has in flight.
 */
export class ReceiveCredit {
  private granted = creditWindow
  private released = 0

  /** Counts `size` received bytes. Returns false if the peer sent far more than it was granted. */
  take(size: number): boolean {
    this.granted -= size
    // An equal excess is tolerated, since it costs little and grants may be duplicated in transit.
    return this.granted >= -creditWindow
  }

  /** Releases `size` received bytes that take up no more room. */
  release(size: number): void {
    this.released += size
  }

  /** Returns the bytes to grant now; 0 while it is not worth a message. */
  takeGrant(): number {
    if (this.released < creditStep) return 0
    const grant = this.released
    this.released = 0
    this.granted += grant
    return grant
  }
}
