import { Emitter } from '../../preload/emitter'
import { SwarmpadError } from '../base/errors'
import type { LockHandlers } from './calls/handlers'

/** A profile that waits for its passphrase, until a window gives it. */
export class Lock {
  private readonly changed = new Emitter<{ change: boolean }>()
  private attempt: ((passphrase: string) => Promise<void>) | null = null
  private busy = false

  /** Calls `listener` with true when it locks and false when it opens. Returns a function that stops. */
  onChange(listener: (locked: boolean) => void): () => void {
    return this.changed.on('change', listener)
  }

  /** Waits for a passphrase from a window for which `attempt` resolves; resolves to the same. */
  async ask<T>(attempt: (passphrase: string) => Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve) => {
        this.attempt = async (passphrase) => resolve(await attempt(passphrase))
        this.changed.emit('change', true)
      })
    } finally {
      this.attempt = null
      this.changed.emit('change', false)
    }
  }

  /** The calls of all windows. */
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
