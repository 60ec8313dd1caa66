/** Runs asynchronous tasks one at a time, in the order in which they were added. */
export class SerialQueue {
  private last: Promise<void> = Promise.resolve()

  /** Runs `task` when all earlier ones have ended, in whatever way. Settles as the task does. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const done = this.last.then(task)
    this.last = done.then(ignore, ignore)
    return done
  }

  /** Resolves when the tasks added so far have ended. Never rejects. */
  idle(): Promise<void> {
    return this.last
  }
}

const ignore = (): void => undefined
