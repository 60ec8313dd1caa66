import { SwarmpadError } from '../base/errors'
import type { LockHandlers } from './calls/handlers'

/** Where a profile waits for its passphrase, and where the window gives it. */
export class Lock {
  /** Called when it locks and when it opens. */
  onChange: (locked: boolean) => void = () => undefined
  private attempt: ((passphrase: string) => Promise<void>) | null = null
  private busy = false

  /** Waits until the window gives a passphrase for which `attempt` resolves; resolves to that. */
  async ask<T>(attempt: (passphrase: string) => Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve) => {
        this.attempt = async (passphrase) => resolve(await attempt(passphrase))
        this.onChange(true)
      })
    } finally {
      this.attempt = null
      this.onChange(false)
    }
  }

  /** The window's calls. */
  readonly handlers: LockHandlers = {
    lock: () => ({ locked: this.attempt !== null }),
    unlock: (passphrase) => this.unlock(passphrase),
  }

  /** Rejects with what the attempt rejects with, and with REQUEST_LATE when nothing waits for a passphrase. */
  private async unlock(passphrase: string): Promise<null> {
    if (!this.attempt || this.busy) throw new SwarmpadError('REQUEST_LATE', { of: 'passphrase' })
    this.busy = true
    try {
      await this.attempt(passphrase)
      return null
    } finally {
      this.busy = false
    }
  }
}
