import type { ReplicaThread, StartReplica } from '../../main/document/replica-thread'
import type { ToReplica } from '../../main/replica/replica-protocol'
import { serveReplica } from '../../main/replica/serve-replica'

/** Replicas in the test's own thread, which can be made to die like threads do. */
export class InlineReplicas {
  private readonly running = new Set<{ die: () => void; free: () => void }>()
  private readonly now: () => number
  /** Messages that wait for replicas that are busy; null while none is. */
  private held: (() => void)[] | null = null

  constructor(now: () => number) {
    this.now = now
  }

  /** Starts a replica; messages go over in order, a turn later. */
  readonly start: StartReplica = (listener) => {
    let live = true
    const guarded = (work: () => void) =>
      this.soon(() => {
        if (!live) return
        try {
          work()
        } catch (error) {
          end()
          // Messages sent before arrive first, as with a thread.
          setImmediate(() => listener.onEnd(error as Error))
        }
      })
    const served = serveReplica(
      (message) => setImmediate(() => (live || message.type === 'trapped') && listener.onMessage(message)),
      this.now,
      guarded,
    )
    const end = () => {
      live = false
      this.running.delete(handle)
      served.free()
    }
    const handle = {
      die: () => {
        end()
        listener.onEnd(new Error('killed by the test'))
      },
      free: end,
    }
    this.running.add(handle)
    const thread: ReplicaThread = {
      post: (message: ToReplica) => guarded(() => served.take(message)),
      stop: () => live && end(),
      leave: () => live && end(),
    }
    return thread
  }

  /** From now on replicas take no message, as when they load or apply for long. */
  hold(): void {
    this.held ??= []
  }

  /** They take what waited, in its order, and go on. */
  release(): void {
    const waiting = this.held ?? []
    this.held = null
    for (const take of waiting) setImmediate(take)
  }

  private soon(take: () => void): void {
    setImmediate(() => {
      if (this.held) this.held.push(take)
      else take()
    })
  }

  /** Kills all replicas that run, as an out-of-memory or a trap would. */
  killAll(): void {
    for (const replica of [...this.running]) replica.die()
  }

  /** Ends all without a word: their process died. */
  freeAll(): void {
    for (const replica of [...this.running]) replica.free()
  }
}
