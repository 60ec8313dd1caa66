import type { PastedMarkdown } from './html/html-to-markdown'

/** A request to the thread. */
export interface Request {
  readonly id: number
  readonly to: 'markdown' | 'html'
  readonly text: string
}

/** The answer of the thread; null when the text could not be converted. */
export interface Answer {
  readonly id: number
  readonly value: PastedMarkdown | string | null
}

/** Largest text that is converted, in UTF-16 code units. */
export const maxConverted = 5 * 1024 * 1024
/** Time for a conversion, in ms. */
const limit = 8_000

/**
 * Converts what is pasted and copied in a thread, which is started for the first conversion. A conversion that takes
 * too long ends with its thread.
 */
export class Conversion {
  private worker: Worker | null = null
  private count = 0

  /** Returns HTML as Markdown; null if it is too large, nested too deep, or takes too long. */
  async toMarkdown(html: string): Promise<PastedMarkdown | null> {
    const value = await this.convert('markdown', html)
    return typeof value === 'object' ? value : null
  }

  /** Returns Markdown as HTML; null if it has no format, or as `toMarkdown`. */
  async toHtml(markdown: string): Promise<string | null> {
    const value = await this.convert('html', markdown)
    return typeof value === 'string' ? value : null
  }

  /** Ends the thread. */
  close(): void {
    this.worker?.terminate()
    this.worker = null
  }

  private convert(to: Request['to'], text: string): Promise<Answer['value']> {
    if (text.length > maxConverted) return Promise.resolve(null)
    const worker = this.start()
    const id = ++this.count
    return new Promise((resolve) => {
      const end = (value: Answer['value']) => {
        clearTimeout(timer)
        worker.removeEventListener('message', hear)
        worker.removeEventListener('error', fail)
        resolve(value)
      }
      const hear = ({ data }: MessageEvent<Answer>) => {
        if (data.id === id) end(data.value)
      }
      const fail = () => {
        worker.terminate()
        if (this.worker === worker) this.worker = null
        end(null)
      }
      const timer = setTimeout(fail, limit)
      worker.addEventListener('message', hear)
      worker.addEventListener('error', fail)
      worker.postMessage({ id, to, text } satisfies Request)
    })
  }

  private start(): Worker {
    this.worker ??= new Worker(new URL('./conversion-worker.ts', import.meta.url), { type: 'module' })
    return this.worker
  }
}
