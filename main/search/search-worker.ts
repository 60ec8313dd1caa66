import { parentPort } from 'node:worker_threads'
import type { ToSearch } from './search-protocol'
import { SearchService } from './search-service'

const port = parentPort
if (!port) throw new Error('search-worker.ts runs as a worker thread only')

const service = new SearchService({
  answer: (message) => port.postMessage(message),
  uptime: () => performance.now(),
  later: setImmediate,
})
port.on('message', (message: ToSearch) => service.take(message))
