import { parentPort } from 'node:worker_threads'
import type { ToReplica } from './replica-protocol'
import { serveReplica } from './serve-replica'

const port = parentPort
if (!port) throw new Error('worker.ts runs as a worker thread only')

const replica = serveReplica((message) => port.postMessage(message), Date.now, setImmediate)
port.on('message', (messages: readonly ToReplica[]) => {
  for (const message of messages) replica.take(message)
})
