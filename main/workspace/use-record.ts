import * as v from 'valibot'
import { count } from '../../preload/contract/shapes'
import type { Clock } from '../base/environment'
import type { Vault } from '../profile/vault'

const useId = new Uint8Array(0)
const dayLength = 86_400_000

/** The number of days of use from which on a passphrase is suggested. */
const enoughDays = 3

const useShape = v.object({
  /** Number of days on which the profile was used here. */
  days: count,
  /** The last of them, in days since the epoch (UTC). */
  lastDay: count,
  hasCopiedLink: v.boolean(),
})

/**
 * How much a profile has been used on this computer, which decides when a passphrase is suggested. A record that cannot
 * be read or written only delays the suggestion. No backup or pairing carries it.
 */
export class UseRecord {
  private readonly clock: Clock
  private readonly onDue: () => void
  private vault: Vault | null = null
  private current: v.InferOutput<typeof useShape> = { days: 0, lastDay: 0, hasCopiedLink: false }

  /** `onDue` is called when `isPassphraseDue` becomes true. Does no I/O. */
  constructor(clock: Clock, onDue: () => void) {
    this.clock = clock
    this.onDue = onDue
  }

  /** Reads the record. */
  async open(vault: Vault): Promise<void> {
    const found = await vault.find('use', useId).catch(() => null)
    const stored = v.safeParse(useShape, found?.record)
    if (stored.success) this.current = stored.output
    this.vault = vault
  }

  /** True once there is something to protect: a link was copied, or this is the third day of use. */
  get isPassphraseDue(): boolean {
    return this.current.hasCopiedLink || this.current.days >= enoughDays
  }

  /** Counts today as a day of use, unless it is counted already. */
  async noteDay(): Promise<void> {
    const today = Math.floor(this.clock.now() / dayLength)
    if (today === this.current.lastDay) return
    await this.change({ ...this.current, days: this.current.days + 1, lastDay: today })
  }

  /** Notes that a link to a document was copied. */
  async noteCopiedLink(): Promise<void> {
    if (!this.current.hasCopiedLink) await this.change({ ...this.current, hasCopiedLink: true })
  }

  private async change(next: v.InferOutput<typeof useShape>): Promise<void> {
    const wasDue = this.isPassphraseDue
    this.current = next
    if (!wasDue && this.isPassphraseDue) this.onDue()
    await this.vault?.write('use', useId, next).catch(() => undefined)
  }
}
