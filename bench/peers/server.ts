import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { offer } from './calls'
import { usage } from './usage'

const http = createServer()
const sockets = new WebSocketServer({ server: http })

/** Functions of a system's server. */
export const serverCalls = {
  /** Starts it on the loopback address, with its store in a folder; returns its address. */
  async start(kind: 'y-websocket' | 'automerge-repo', directory: string): Promise<string> {
    await (kind === 'y-websocket' ? serveYjs(directory) : serveAutomerge(directory))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
  },
  usage,
}

async function serveYjs(directory: string): Promise<void> {
  // It is read when the module is loaded.
  process.env.YPERSISTENCE = directory
  const { setupWSConnection } = await import('y-websocket/bin/utils')
  sockets.on('connection', (socket: WebSocket, request) => setupWSConnection(socket, request))
}

async function serveAutomerge(directory: string): Promise<void> {
  const { Repo } = await import('@automerge/automerge-repo')
  const { WebSocketServerAdapter } = await import('@automerge/automerge-repo-network-websocket')
  const { NodeFSStorageAdapter } = await import('@automerge/automerge-repo-storage-nodefs')
  new Repo({
    network: [new WebSocketServerAdapter(sockets)],
    storage: new NodeFSStorageAdapter(directory),
    sharePolicy: async () => true,
  })
}

offer(serverCalls, async () => undefined)
