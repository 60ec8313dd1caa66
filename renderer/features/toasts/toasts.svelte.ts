/** A short message at the edge of the window. */
export interface Toast {
  readonly id: number
  readonly message: string
  readonly tone: 'plain' | 'error'
  readonly action: { readonly label: string; readonly run: () => void } | null
}

/** How long a toast stays, in ms; one with something to do or to worry about stays longer. */
const briefly = 5_000
const longer = 12_000

/** As many stand on screen, unless more than that went wrong. */
const most = 4

/** The messages on screen, newest last. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([])
  private next = 1
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>()

  /** Tells something that went well or is good to know. */
  tell(message: string, action: Toast['action'] = null): void {
    this.add({ message, tone: 'plain', action }, action ? longer : briefly)
  }

  /** Reports an error; stays until it is dismissed. */
  fail(message: string): void {
    if (this.list.some((toast) => toast.tone === 'error' && toast.message === message)) return
    this.add({ message, tone: 'error', action: null }, null)
  }

  /** Puts a toast away. */
  dismiss(id: number): void {
    clearTimeout(this.timers.get(id))
    this.timers.delete(id)
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  /** Keeps a toast while someone reads it; `release` restarts its timer. */
  hold(id: number): void {
    clearTimeout(this.timers.get(id))
  }

  release(id: number): void {
    if (this.timers.has(id)) this.expire(id, briefly)
  }

  private add(toast: Omit<Toast, 'id'>, stay: number | null): void {
    const id = this.next++
    const passing = this.list.find(({ tone }) => tone === 'plain')
    if (this.list.length >= most && passing) this.dismiss(passing.id)
    this.list = [...this.list, { ...toast, id }]
    if (stay !== null) this.expire(id, stay)
  }

  private expire(id: number, stay: number): void {
    clearTimeout(this.timers.get(id))
    this.timers.set(
      id,
      setTimeout(() => this.dismiss(id), stay),
    )
  }
}
