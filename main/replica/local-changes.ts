import { fromHex } from '../base/hex'
import { type Change, maxOpOf } from './change'
import { maxDependencies } from './change-header'
import { encodeJoin, type Handle } from './genesis'
import { maxGivenBytes } from './given-format'
import type { LocalChange } from './replica-protocol'

/** A local change is closed at this many operations, so that no peer refuses it. Rule D3. */
const operationsPerChange = 500

/** Options of `LocalChanges`. */
export interface LocalChangesOptions {
  readonly handle: Handle
  /** Hex. */
  readonly actor: string
  /** Ms since the Unix epoch, which changes note in seconds. */
  readonly now: () => number
  /** Returns the message of the next change. */
  readonly message: () => string | undefined
  /** Checks a change as other replicas will, and reads it. Throws MALFORMED for one that must not be signed. */
  readonly check: (bytes: Uint8Array) => Change
}

/**
 * The changes that a replica makes itself: closes what was written into the Automerge document into changes, each
 * within the bounds that others check.
 */
export class LocalChanges {
  private readonly options: LocalChangesOptions
  private readonly handle: Handle
  /** Changes that were closed and not taken. */
  private readonly closed: LocalChange[] = []
  /** The hash of the last change. */
  private last: string | null = null
  /** Bytes of given text and ranges in the change under way. */
  private bytes = 0
  /** The counter of the last operation of each change. */
  private readonly ends: number[] = []

  constructor(options: LocalChangesOptions) {
    this.options = options
    this.handle = options.handle
  }

  /** Returns the counter of the last operation up to change number `seq`; 0 for none. */
  endOf(seq: number): number {
    return this.ends[seq - 1] ?? 0
  }

  /** Closes the change under way, if there is one; returns all changes closed since the last call. */
  take(): LocalChange[] {
    this.close()
    return this.closed.splice(0)
  }

  /** Closes the change under way, if there is one. */
  close(): void {
    if (this.handle.pendingOps() === 0) return
    this.handle.commit(this.options.message(), this.seconds())
    const bytes = this.handle.getLastLocalChange()
    if (!bytes) throw new Error('commit made no change')
    this.bytes = 0
    this.add(bytes)
  }

  /**
   * Returns how many operations fit into the change under way. It is closed if fewer than `least` do, or if so many
   * bytes of given text or ranges do not.
   */
  room(least: number, bytes = 0): number {
    if (this.handle.pendingOps() + least > operationsPerChange || this.bytes + bytes > maxGivenBytes)
      this.close()
    this.bytes += bytes
    return operationsPerChange - this.handle.pendingOps()
  }

  /**
   * Joins heads in changes without operations until the next change can depend on all of them, so that writing is
   * possible however many there are. Call it before writing. Rule D2.
   */
  joinHeads(): void {
    if (this.handle.pendingOps() > 0) return
    for (;;) {
      const others = this.handle.getHeads().filter((hash) => hash !== this.last)
      const own = this.last === null ? [] : [this.last]
      if (own.length + others.length <= maxDependencies) return
      const dependencies = [...own, ...others].slice(0, maxDependencies)
      const ends = dependencies.map((hash) => this.handle.getChangeMetaByHash(hash)?.maxOp ?? 0)
      const bytes = encodeJoin({
        actor: this.options.actor,
        seq: this.ends.length + 1,
        startOp: 1 + Math.max(...ends),
        time: this.seconds(),
        dependencies,
      })
      this.handle.applyChanges([bytes])
      this.add(bytes)
    }
  }

  private add(bytes: Uint8Array): void {
    this.handle.updateDiffCursor()
    const change = this.options.check(bytes)
    this.last = change.hash
    this.ends.push(maxOpOf(change))
    this.closed.push({ bytes, hash: fromHex(change.hash) })
  }

  private seconds(): number {
    return Math.max(0, Math.floor(this.options.now() / 1000))
  }
}
