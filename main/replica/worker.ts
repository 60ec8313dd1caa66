import { parentPort } from 'node:worker_threads'
import type { FromThread, ToThread } from './replica-protocol'
import { type ServedReplica, serveReplica } from './serve-replica'

const port = parentPort
if (!port) throw new Error('worker.ts runs as a worker thread only')

/** A thread with more memory outside of V8's heap than so many bytes is not kept: Automerge's memory only grows. */
const smallMemory = 32 * 1024 * 1024

const answer = (message: FromThread): void => port.postMessage(message)

/** Serves a replica that does nothing more once it is freed. */
function serve(): ServedReplica {
  let live = true
  const served = serveReplica(answer, Date.now, (work) => setImmediate(() => live && work()))
  return {
    take: (message) => served.take(message),
    free: () => {
      live = false
      served.free()
    },
  }
}

let replica = serve()
port.on('message', (message: ToThread) => {
  if (message !== 'leave') for (const each of message) replica.take(each)
  else {
    replica.free()
    replica = serve()
    answer({ type: 'left', isSmall: process.memoryUsage().external < smallMemory })
  }
})
