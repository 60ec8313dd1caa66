import * as Y from 'yjs'
import type { Peer, PeerOptions } from './system'
import { type MakeMerging, openUpdates } from './updates'

/** Opens a peer of Yjs, stored in LevelDB. */
export const open = (options: PeerOptions): Promise<Peer> => openUpdates(options, make)

/** A Yjs document with one text. */
const make: MakeMerging = async (onUpdate) => {
  const document = new Y.Doc()
  const text = document.getText('text')
  const stored = 'stored or received'
  document.on('update', (update, origin) => {
    if (origin !== stored) onUpdate(update)
  })
  return {
    length: () => text.length,
    text: () => text.toString(),
    edit: (from, to, insert) =>
      document.transact(() => {
        if (to > from) text.delete(from, to - from)
        if (insert) text.insert(from, insert)
      }),
    apply: (updates) =>
      document.transact(() => {
        for (const update of updates) Y.applyUpdate(document, update, stored)
      }, stored),
    version: () => Y.encodeStateVector(document),
    since: (version) => Y.encodeStateAsUpdate(document, version ?? undefined),
  }
}
