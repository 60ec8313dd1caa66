import { fromHex } from '../../base/hex'
import type { Write } from '../../storage/store'
import { sessionKey } from '../format/store-keys'
import type { SessionId } from '../format/version-vector'
import { damagedSnapshot, damageWrite } from '../log-records'

/** Facts that are known of a session of which nothing is held, for when it comes back. */
export interface LostSession {
  /** Made in this profile. */
  readonly own: boolean
  readonly fork: Uint8Array | null
}

/** Owner of what is known to be damaged in a log. Each change returns the records for it. Rule S15. */
export class DamagedSessions {
  private readonly documentId: Uint8Array
  /** Number that was held of each damaged session; 0 where that is unknown. */
  private readonly targets = new Map<SessionId, number>()
  private readonly lost = new Map<SessionId, LostSession>()

  constructor(documentId: Uint8Array) {
    this.documentId = documentId
  }

  get isEmpty(): boolean {
    return this.targets.size === 0
  }

  has(id: SessionId): boolean {
    return this.targets.has(id)
  }

  /** Returns the number up to which a damaged session was held; 0 also for a session that is not damaged. */
  target(id: SessionId): number {
    return this.targets.get(id) ?? 0
  }

  /** Returns what is known of a session that is not held any longer; null for one that never was. */
  lostSession(id: SessionId): LostSession | null {
    return this.lost.get(id) ?? (this.has(id) ? { own: false, fork: null } : null)
  }

  /** Notes a damaged session, and the number up to which it was held. */
  add(id: SessionId, target: number): Write[] {
    this.targets.set(id, target)
    return [damageWrite(this.documentId, fromHex(id), target)]
  }

  /** Notes that the snapshot is damaged. */
  addSnapshot(): Write[] {
    return [damageWrite(this.documentId, fromHex(damagedSnapshot), 0)]
  }

  /** Keeps what is known of a session of which nothing is held. */
  keepLost(id: SessionId, { own, fork }: LostSession): void {
    this.lost.set(id, { own, fork })
  }

  /** Notes that a session is complete again. With the last one the snapshot is too. */
  repaired(id: SessionId): Write[] {
    this.targets.delete(id)
    this.lost.delete(id)
    return this.isEmpty ? [this.deletion(id), this.deletion(damagedSnapshot)] : [this.deletion(id)]
  }

  /** Damaged sessions. */
  sessions(): SessionId[] {
    return [...this.targets.keys()]
  }

  /** Accepts the loss: nothing counts as damaged any longer. */
  clear(): Write[] {
    const ids = [...this.targets.keys(), damagedSnapshot]
    this.targets.clear()
    return ids.map((id) => this.deletion(id))
  }

  private deletion(id: SessionId): Write {
    return { key: sessionKey('harm', this.documentId, fromHex(id)), value: null }
  }
}
