import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../base/environment'
import type { FromReplica, FromThread, ToReplica, ToThread } from '../replica/replica-protocol'

/** A running replica as the main thread sees it. Messages keep their order. */
export interface ReplicaThread {
  post(message: ToReplica): void
  /** Ends the thread at once, without a call of `onEnd`. */
  stop(): void
  /** Ends the replica in the same way. Its thread, which has to be sound, may serve the next one. */
  leave(): void
}

/** Callbacks for a replica's messages and its end. */
export interface ReplicaListener {
  onMessage(message: FromReplica): void
  /** Called once, when the thread crashed or was killed. */
  onEnd(reason: Error): void
}

/** Starts a replica. Passed in, so that a simulation can run many in one thread. */
export type StartReplica = (listener: ReplicaListener) => ReplicaThread

/** How long a thread without a replica is kept for the next one, in ms. */
const restTime = 5_000
/** How long a thread may take to free a replica, in ms. */
const leaveLimit = 2_000

/**
 * Starts replicas in worker threads from the file at `worker`. A thread whose replica left is kept for a moment, one of
 * them: an import makes one document after the other, and starting a thread takes ten times as long as a small text.
 */
export function startReplicaThread(worker: URL, clock: Clock): StartReplica {
  let spare: WorkerThread | null = null
  const left = (thread: WorkerThread) => {
    if (spare) thread.end()
    else {
      spare = thread
      thread.endIn(restTime)
    }
  }
  const gone = (thread: WorkerThread) => {
    if (spare === thread) spare = null
  }
  return (listener) => {
    const thread = spare ?? new WorkerThread(worker, clock, { left, gone })
    spare = null
    return thread.serve(listener)
  }
}

/** Owner of threads that have no replica. */
interface ThreadOwner {
  /** The replica was freed, and the thread can serve another one. */
  left(thread: WorkerThread): void
  /** The thread ended. */
  gone(thread: WorkerThread): void
}

/** A worker thread that serves one replica at a time. A message of a replica that left reaches nobody. */
class WorkerThread {
  private readonly worker: Worker
  private readonly clock: Clock
  private readonly owner: ThreadOwner
  private listener: ReplicaListener | null = null
  private timer: Timer | null = null
  private live = true

  constructor(worker: URL, clock: Clock, owner: ThreadOwner) {
    this.worker = new Worker(worker)
    this.clock = clock
    this.owner = owner
    this.worker.on('message', (message: FromThread) => this.receive(message))
    this.worker.on('error', (reason) => this.died(reason))
    this.worker.on('exit', (code) => this.died(new Error(`the document's thread ended with ${code}`)))
  }

  serve(listener: ReplicaListener): ReplicaThread {
    this.clearTimer()
    this.worker.ref()
    this.listener = listener
    // Waking the thread costs more than a message: those of one turn go together, as an edit and the end of its change.
    let batch: ToReplica[] = []
    const isServed = () => this.live && this.listener === listener
    const send = () => {
      const messages = batch
      batch = []
      if (isServed()) this.post(messages)
    }
    return {
      post: (message) => {
        if (batch.push(message) === 1) queueMicrotask(send)
      },
      stop: () => {
        if (isServed()) this.end()
      },
      leave: () => {
        if (!isServed()) return
        this.listener = null
        this.post('leave')
        this.endIn(leaveLimit)
      },
    }
  }

  /** Ends the thread in `delay` ms, unless it serves a replica before. It does not keep the process alive. */
  endIn(delay: number): void {
    this.clearTimer()
    this.worker.unref()
    this.timer = this.clock.set(delay, () => this.end())
  }

  /** Ends the thread at once. */
  end(): void {
    this.clearTimer()
    if (!this.live) return
    this.live = false
    this.listener = null
    this.owner.gone(this)
    void this.worker.terminate()
  }

  private receive(message: FromThread): void {
    if (!this.live) return
    if (message.type !== 'left') this.listener?.onMessage(message)
    else if (message.isSmall) this.owner.left(this)
    else this.end()
  }

  private died(reason: Error): void {
    const { listener } = this
    if (!this.live) return
    this.end()
    listener?.onEnd(reason)
  }

  private post(message: ToThread): void {
    this.worker.postMessage(message)
  }

  private clearTimer(): void {
    if (this.timer) this.clock.clear(this.timer)
    this.timer = null
  }
}
