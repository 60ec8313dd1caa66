import { Emitter } from '../../preload/emitter'
import type { SwarmpadError } from '../base/errors'
import type { Segment } from './format/segment'
import type { SessionId } from './format/version-vector'
import type { Shortage } from './quota'

/**
 * Source of the data that repaired a log: other computers, a backup, or this computer itself. 'nobody': the
 * log goes on without the missing data.
 */
export type MendedBy = 'others' | 'backup' | 'itself' | 'nobody'

/** Events of a document's log. Listeners must not throw. */
export class LogEvents {
  protected readonly emitter = new Emitter<{
    stored: readonly Segment[]
    received: readonly Segment[]
    problem: SwarmpadError | null
    shortage: Shortage | null
    fork: Uint8Array
    cut: { session: SessionId; after: number }
    retired: { session: SessionId; after: number | null }
    heldBack: SessionId
    settled: readonly SessionId[]
    snapshot: null
    damaged: null
    mended: MendedBy
  }>()

  /**
   * Called with all segments, own and others', once they are durable; with an empty list when other records were
   * written, so that there is room again. Returns a function that removes the listener, as all of these do.
   */
  onStored(listener: (segments: readonly Segment[]) => void): () => void {
    return this.emitter.on('stored', listener)
  }

  /**
   * Called with the segments that no session of this process wrote, once they are durable: from a peer or a backup, or
   * found on the disk. Of each session they come in order.
   */
  onReceived(listener: (segments: readonly Segment[]) => void): () => void {
    return this.emitter.on('received', listener)
  }

  /** Called when the disk refuses writes, and with null when it works again. */
  onProblem(listener: (problem: SwarmpadError | null) => void): () => void {
    return this.emitter.on('problem', listener)
  }

  /** Called when others' segments are no longer accepted, or for another cause; with null when they are again. */
  onShortage(listener: (shortage: Shortage | null) => void): () => void {
    return this.emitter.on('shortage', listener)
  }

  /** Called with a proof that a session wrote two histories. */
  onFork(listener: (proof: Uint8Array) => void): () => void {
    return this.emitter.on('fork', listener)
  }

  /** Called when the end of a session, past `after`, was dropped for another history and that is durable. */
  onCut(listener: (cut: { session: SessionId; after: number }) => void): () => void {
    return this.emitter.on('cut', listener)
  }

  /**
   * Called when nothing more can be appended to a session of this process, as another process uses it too or a part of
   * it was lost. With `after`, its changes past that are about to be dropped: 'cut' follows.
   */
  onRetired(listener: (retired: { session: SessionId; after: number | null }) => void): () => void {
    return this.emitter.on('retired', listener)
  }

  /**
   * Called with the sessions of which more is held, by a snapshot that was taken in place of their segments,
   * once that is durable: 'stored' does not report these.
   */
  onSettled(listener: (sessions: readonly SessionId[]) => void): () => void {
    return this.emitter.on('settled', listener)
  }

  /** Called when another snapshot is held, or none. */
  onSnapshot(listener: () => void): () => void {
    return this.emitter.on('snapshot', listener)
  }

  /** Called when a guard (`guardSwitches`) kept a session from being switched. The segment can be offered again. */
  onHeldBack(listener: (session: SessionId) => void): () => void {
    return this.emitter.on('heldBack', listener)
  }

  /**
   * Called when less is held than was announced, since the disk does not have what was written: peers' knowledge of
   * this side is outdated. Rule S15.
   */
  onDamaged(listener: () => void): () => void {
    return this.emitter.on('damaged', listener)
  }

  /** Called when nothing is damaged any longer, with the source of the repair. */
  onMended(listener: (by: MendedBy) => void): () => void {
    return this.emitter.on('mended', listener)
  }
}
