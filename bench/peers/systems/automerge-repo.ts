import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as A from '@automerge/automerge'
import { type AutomergeUrl, type DocHandle, Repo } from '@automerge/automerge-repo'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs'
import type { Peer, PeerOptions } from './system'

interface Held {
  text: string
}

/** Between two attempts to find a document, in ms; it is unavailable until the server has it. */
const again = 50

/** Opens a document of automerge-repo, synced through its server and stored in files. */
export async function open({ directory, server, link, text, offline }: PeerOptions): Promise<Peer> {
  if (!server) throw new Error('automerge-repo needs its server')
  const adapter = new WebSocketClientAdapter(server)
  const storage = new NodeFSStorageAdapter(join(directory, 'repo'))
  const repo = new Repo({ network: offline ? [] : [adapter], storage })
  const handle = link ? await find(repo, link) : repo.create<Held>({ text: text ?? '' })
  return {
    link: handle.url,
    length: () => handle.doc().text.length,
    text: () => handle.doc().text,
    edit: (from, to, insert) =>
      handle.change((draft) => {
        A.splice(draft, ['text'], from, to - from, insert)
      }),
    onChange: (heard) => {
      handle.on('change', heard)
    },
    saved: () => repo.flush(),
    loaded: async () => undefined,
    setOnline: async (online) => (online ? adapter.connect(repo.peerId, {}) : adapter.disconnect()),
    close: async () => {
      await repo.flush()
      adapter.disconnect()
    },
  }
}

async function find(repo: Repo, link: string): Promise<DocHandle<Held>> {
  for (;;) {
    try {
      const handle = await repo.find<Held>(link as AutomergeUrl)
      await handle.whenReady()
      return handle
    } catch {
      await pause(again)
    }
  }
}
