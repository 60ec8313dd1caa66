import type { Notice } from '../../preload/contract/program'
import { errorWords } from '../../preload/messages/errors'
import { SwarmpadError } from '../base/errors'

/** Notices that are kept until somebody listens. */
const maxUnheard = 20

/** Messages for the person that belong to no open document. Those from before anyone listens are kept. */
export class Notices {
  private readonly emit: (notice: Notice) => void
  /** Notices from before anyone listened; null since. */
  private unheard: readonly Notice[] | null = []
  /** Failures reported since the last successful write: each is reported once. */
  private readonly reported = new Set<string>()

  constructor(emit: (notice: Notice) => void) {
    this.emit = emit
  }

  /** Emits the kept notices soon, and from now on each at once: somebody listens. */
  begin(): void {
    const { unheard } = this
    this.unheard = null
    if (unheard)
      queueMicrotask(() => {
        for (const notice of unheard) this.emit(notice)
      })
  }

  /** Reports something that the person may miss. */
  inform(message: string): void {
    this.add({ message, stays: false })
  }

  /** Reports that something is lost: the person has to see that, and to act. */
  warn(message: string): void {
    this.add({ message, stays: true })
  }

  /** Reports that background work failed: each message once, until `recovered`. */
  failed(error: unknown): void {
    const message =
      error instanceof SwarmpadError ? errorWords(error) : 'Something could not be written to disk.'
    if (this.reported.has(message)) return
    this.reported.add(message)
    this.inform(message)
  }

  /** Notes that the disk took a write: failures are reported again. */
  recovered(): void {
    this.reported.clear()
  }

  private add(notice: Notice): void {
    if (this.unheard) this.unheard = [...this.unheard, notice].slice(-maxUnheard)
    else this.emit(notice)
  }
}
