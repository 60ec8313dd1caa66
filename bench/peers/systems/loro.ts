import { LoroDoc, VersionVector } from 'loro-crdt'
import type { Peer, PeerOptions } from './system'
import { type MakeMerging, openUpdates } from './updates'

/** Opens a peer of Loro, stored in LevelDB. */
export const open = (options: PeerOptions): Promise<Peer> => openUpdates(options, make)

/** A Loro document with one text. */
const make: MakeMerging = async (onUpdate) => {
  const document = new LoroDoc()
  const text = document.getText('text')
  document.subscribeLocalUpdates(onUpdate)
  return {
    length: () => text.length,
    text: () => text.toString(),
    edit: (from, to, insert) => {
      if (to > from) text.delete(from, to - from)
      if (insert) text.insert(from, insert)
      document.commit()
    },
    apply: (updates) => {
      if (updates.length > 0) document.importBatch([...updates])
    },
    version: () => document.version().encode(),
    since: (version) => {
      const from = version && VersionVector.decode(version)
      // For someone who has nothing, a snapshot is Loro's quickest form.
      if (!from || from.length() === 0) return document.export({ mode: 'snapshot' })
      return document.export({ mode: 'update', from })
    },
  }
}
