import { Worker } from 'node:worker_threads'
import type { FromSearch, ToSearch } from './search-protocol'

/** A thread that searches, as the main thread sees it. Messages keep their order. */
export interface SearchThread {
  post(message: ToSearch): void
  /** Ends the thread at once, without a call of `onEnd`. */
  stop(): void
}

/** Callbacks for the messages of a thread and its end. */
export interface SearchListener {
  onMessage(message: FromSearch): void
  /** Called once, when the thread crashed. */
  onEnd(): void
}

/** Starts a thread that searches. Passed in, so that a simulation can search in its own thread. */
export type StartSearch = (listener: SearchListener) => SearchThread

/** Starts a worker thread from the file at `worker`. */
export function startSearchThread(worker: URL): StartSearch {
  return (listener) => {
    const thread = new Worker(worker)
    let live = true
    const end = () => {
      if (!live) return
      live = false
      listener.onEnd()
    }
    thread.unref()
    thread.on('message', (message: FromSearch) => live && listener.onMessage(message))
    thread.on('error', end)
    thread.on('exit', end)
    return {
      post: (message) => live && thread.postMessage(message),
      stop: () => {
        live = false
        void thread.terminate()
      },
    }
  }
}
