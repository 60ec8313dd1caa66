import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { Peer, PeerOptions } from './system'

/** Opens a Yjs document through the y-websocket server, which alone stores it. */
export async function open({ server, text: begin, offline }: PeerOptions): Promise<Peer> {
  if (!server) throw new Error('y-websocket needs its server')
  const document = new Y.Doc()
  const text = document.getText('text')
  const options = { WebSocketPolyfill: WebSocket, disableBc: true, connect: !offline }
  const provider = new WebsocketProvider(server, 'document', document, options)
  if (!offline && !provider.synced) await new Promise<void>((done) => provider.once('sync', () => done()))
  const edit = (from: number, to: number, insert: string) =>
    document.transact(() => {
      if (to > from) text.delete(from, to - from)
      if (insert) text.insert(from, insert)
    })
  if (begin) edit(0, 0, begin)
  return {
    link: 'document',
    length: () => text.length,
    text: () => text.toString(),
    edit,
    onChange: (heard) => text.observe(heard),
    saved: async () => undefined,
    loaded: async () => undefined,
    setOnline: async (online) => (online ? provider.connect() : provider.disconnect()),
    close: async () => provider.destroy(),
  }
}
