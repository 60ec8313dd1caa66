import { randomBytes } from 'node:crypto'

/** A pending timer. */
export type Timer = object

/** Time, passed in so that tests control it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds, with fractions, since some moment; never set back. Measures durations. */
  uptime(): number
  /** Calls `run` once after `delay` ms. A pending timer does not keep the process alive. */
  set(delay: number, run: () => void): Timer
  /** Clears a timer; clearing one that has fired is no error. */
  clear(timer: Timer): void
}

/** Dependencies that differ between a real run and a simulated one. */
export interface Environment {
  readonly clock: Clock
  /** Returns `size` unpredictable bytes, fit for keys and nonces. */
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
