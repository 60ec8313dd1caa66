import type { Clock } from '../base/environment'

/** Reason why an attempt to connect failed, as in the contract's FailedAttempt. */
export type FailureReason = 'unreachable' | 'gone' | 'routers' | 'other'

/** An attempt to connect that failed. */
export interface FailedAttempt {
  /** In ms since the Unix epoch. */
  readonly at: number
  readonly reason: FailureReason
}

/** Attempts that are remembered. */
const maxAttempts = 20

/** The error codes of hyperdht that say what went wrong. */
const reasons: Readonly<Record<string, FailureReason>> = {
  HOLEPUNCH_DOUBLE_RANDOMIZED_NATS: 'routers',
  HOLEPUNCH_ABORTED: 'routers',
  HOLEPUNCH_PROBE_TIMEOUT: 'routers',
  CANNOT_HOLEPUNCH: 'routers',
  REMOTE_NOT_HOLEPUNCHABLE: 'routers',
  REMOTE_NOT_HOLEPUNCHING: 'routers',
  PEER_NOT_FOUND: 'gone',
  PEER_CONNECTION_FAILED: 'unreachable',
  ETIMEDOUT: 'unreachable',
}

/** The most recent failed attempts to connect. */
export class FailedAttempts {
  private readonly clock: Clock
  private readonly attempts: FailedAttempt[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** The newest first. */
  get all(): readonly FailedAttempt[] {
    return this.attempts
  }

  /** Records the error code of a connection that failed before it was open. */
  note(code: unknown): void {
    const reason = (typeof code === 'string' ? reasons[code] : undefined) ?? 'other'
    this.attempts.unshift({ at: this.clock.now(), reason })
    this.attempts.length = Math.min(this.attempts.length, maxAttempts)
  }
}
