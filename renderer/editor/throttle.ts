/** Runs an action after some ms; the result cancels it. */
export function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** Runs an action at most once in a while: at once after a pause, else when `ms` have passed. */
export class Throttle {
  private cancel: (() => void) | null = null
  private wanted = false

  constructor(
    private readonly ms: number,
    private readonly later: (ms: number, run: () => void) => () => void,
    private readonly action: () => void,
  ) {}

  /** Asks for the action; several requests within `ms` become one. */
  request(): void {
    if (this.cancel) {
      this.wanted = true
      return
    }
    this.action()
    this.cancel = this.later(this.ms, () => {
      this.cancel = null
      if (!this.wanted) return
      this.wanted = false
      this.request()
    })
  }

  /** Drops what was asked for. */
  stop(): void {
    this.cancel?.()
    this.cancel = null
    this.wanted = false
  }
}
