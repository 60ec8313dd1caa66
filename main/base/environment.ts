import { randomBytes } from 'node:crypto'

/** A timer that was set and can be cleared. */
export type Timer = object

/** Time, passed in so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds, with fractions, since some moment; never set back. For measuring how long work takes. */
  uptime(): number
  /** Calls `run` once after `delay` ms. A pending timer does not keep the process alive. */
  set(delay: number, run: () => void): Timer
  /** Clears a timer; clearing one that has fired is no error. */
  clear(timer: Timer): void
}

/** Dependencies that differ between a real run and a simulated one. */
export interface Environment {
  readonly clock: Clock
  /** `size` unpredictable bytes. Keys and nonces come from here. */
  random(size: number): Buffer
}

/** The environment of a real run: the machine's clock and its random numbers. */
export const systemEnvironment: Environment = {
  clock: {
    now: () => Date.now(),
    uptime: () => performance.now(),
    set: (delay, run) => setTimeout(run, delay).unref(),
    clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
  },
  random: (size) => randomBytes(size),
}
