import { parentPort } from 'node:worker_threads'
import { serveReplica } from './serve-replica'

const port = parentPort
if (!port) throw new Error('worker.ts runs as a worker thread only')

const replica = serveReplica((message) => port.postMessage(message), Date.now, setImmediate)
port.on('message', replica.take)
