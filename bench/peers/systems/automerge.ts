import * as A from '@automerge/automerge'
import type { Peer, PeerOptions } from './system'
import { type MakeMerging, openUpdates } from './updates'

interface Held {
  text?: string
}

/** Bytes of the hash that names a change. */
const hashSize = 32

/** Opens a peer of Automerge, stored in LevelDB. */
export const open = (options: PeerOptions): Promise<Peer> => openUpdates(options, make)

/** A plain Automerge document with one text, which the first edit makes; each edit is a change. */
const make: MakeMerging = async (onUpdate) => {
  let document = A.init<Held>()
  return {
    length: () => document.text?.length ?? 0,
    text: () => document.text ?? '',
    edit: (from, to, insert) => {
      document = A.change(document, (draft) => {
        draft.text ??= ''
        A.splice(draft, ['text'], from, to - from, insert)
      })
      const change = A.getLastLocalChange(document)
      if (change) onUpdate(change)
    },
    apply: (updates) => {
      if (updates.length > 0) document = A.loadIncremental(document, Buffer.concat(updates))
    },
    version: () => Buffer.from(A.getHeads(document).join(''), 'hex'),
    since: (version) => {
      const bytes = Buffer.from(version ?? [])
      const heads: string[] = []
      for (let at = 0; at < bytes.length; at += hashSize) heads.push(bytes.toString('hex', at, at + hashSize))
      return heads.length === 0 ? A.save(document) : A.saveSince(document, heads)
    },
  }
}
