import type { ExpressionMatches, ExpressionSearch } from './find-matches'

/** A request to the thread. */
export interface Request {
  readonly id: number
  readonly search: ExpressionSearch
}

/** An answer of the thread: it began, or what it found. */
export interface Answer {
  readonly id: number
  readonly found: 'begun' | ExpressionMatches | 'invalid' | 'large'
}

/** The result of a search; 'slow' if it was stopped, 'failed' if its thread ended by itself. */
export type Found = Exclude<Answer['found'], 'begun'> | 'slow' | 'failed'

/** Time for one search, in ms. */
const limit = 2_000

/** Runs expressions in a thread, the last one asked for at a time. One that takes too long ends with its thread. */
export class ExpressionThread {
  private worker: Worker | null = null
  private last = 0
  /** The search under way. */
  private asked: { readonly id: number; readonly onFound: (found: Found) => void } | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  /** Searches, and calls `onFound` unless another search or `close` comes before its end. */
  find(search: ExpressionSearch, onFound: (found: Found) => void): void {
    // A thread that is still at work may be at it for ever.
    if (this.asked) this.close()
    this.worker ??= this.start()
    this.asked = { id: ++this.last, onFound }
    this.worker.postMessage({ id: this.last, search } satisfies Request)
  }

  /** Ends the thread. */
  close(): void {
    clearTimeout(this.timer)
    this.worker?.terminate()
    this.worker = null
    this.asked = null
  }

  private start(): Worker {
    const worker = new Worker(new URL('./expression-worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.hear(data))
    worker.addEventListener('error', () => this.stop('failed'))
    return worker
  }

  private hear({ id, found }: Answer): void {
    const { asked } = this
    if (asked?.id !== id) return
    clearTimeout(this.timer)
    // The time to start a thread does not count.
    if (found === 'begun') this.timer = setTimeout(() => this.stop('slow'), limit)
    else {
      this.asked = null
      asked.onFound(found)
    }
  }

  private stop(result: 'slow' | 'failed'): void {
    const { asked } = this
    this.close()
    asked?.onFound(result)
  }
}
