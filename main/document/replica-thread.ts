import { Worker } from 'node:worker_threads'
import type { FromReplica, ToReplica } from '../replica/replica-protocol'

/** A running replica as the main thread sees it. Messages keep their order. */
export interface ReplicaThread {
  post(message: ToReplica): void
  /** Ends the thread at once, without a call of `onEnd`. */
  stop(): void
}

/** Callbacks for a replica's messages and its end. */
export interface ReplicaListener {
  onMessage(message: FromReplica): void
  /** Called once, when the thread crashed or was killed. */
  onEnd(reason: Error): void
}

/** Starts a replica. Passed in, so that a simulation can run many in one thread. */
export type StartReplica = (listener: ReplicaListener) => ReplicaThread

/** Starts a replica in a worker thread from the file at `worker`, which takes lists of messages. */
export function startReplicaThread(worker: URL): StartReplica {
  return (listener) => {
    const thread = new Worker(worker)
    let live = true
    const end = (reason: Error) => {
      if (!live) return
      live = false
      listener.onEnd(reason)
    }
    thread.on('message', (message: FromReplica) => live && listener.onMessage(message))
    thread.on('error', end)
    thread.on('exit', (code) => end(new Error(`the document's thread ended with ${code}`)))
    // Waking the thread costs more than a message: those of one turn go together, as an edit and the end of its change.
    let batch: ToReplica[] = []
    const send = () => {
      const messages = batch
      batch = []
      if (live) thread.postMessage(messages)
    }
    return {
      post: (message) => {
        if (batch.push(message) === 1) queueMicrotask(send)
      },
      stop: () => {
        live = false
        void thread.terminate()
      },
    }
  }
}
