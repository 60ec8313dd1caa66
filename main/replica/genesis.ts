import * as Automerge from '@automerge/automerge'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'

/** The Automerge handle without its proxies: the wasm document itself. */
export type Handle = ReturnType<typeof Automerge.getBackend>

/** The id of an object in an Automerge document: 'counter@actor'. */
export type ObjectId = string

/** The root objects that every document begins with. */
export const rootNames = {
  body: 'body',
  meta: 'meta',
  threads: 'threads',
  files: 'files',
  spare: 'spare',
} as const

/** Operations of the first change. */
export const genesisOperations = 6
/** Counter of the operation that makes the body. */
export const bodyCounter = 1
/** Counters of the operations that make the maps for the parts beside the text; the third one puts `meta.schema`. */
export const partRoots = { meta: 2, threads: 4, files: 5, spare: 6 } as const

/** The name of a map for a part. */
export type PartRoot = keyof typeof partRoots

/**
 * Makes the first change of a document. Every program makes it locally, byte for byte the same, so that two people who
 * both type before they ever met write into the same text. Its actor is the document's id, its time is 0. `version` is
 * the link's version byte, 1 so far; the change of a version is frozen. Throws LINK_UNSUPPORTED for an unknown version.
 */
export function genesisChange(documentId: Uint8Array, version = 1): Uint8Array {
  if (version !== 1) throw new SwarmpadError('LINK_UNSUPPORTED')
  const handle = createHandle(hex(documentId))
  handle.putObject('/', rootNames.body, '')
  const meta = handle.putObject('/', rootNames.meta, {})
  handle.put(meta, 'schema', 1, 'uint')
  handle.putObject('/', rootNames.threads, {})
  handle.putObject('/', rootNames.files, {})
  handle.putObject('/', rootNames.spare, {})
  handle.commit(undefined, 0)
  const change = handle.getLastLocalChange()
  handle.free()
  if (!change) throw new Error('genesis made no change')
  return change
}

/**
 * Creates an empty Automerge document whose changes will carry `actor` (hex). The caller frees it: the garbage collector
 * does not see its memory.
 */
export function createHandle(actor: string): Handle {
  return Automerge.getBackend(Automerge.init({ actor }))
}

/** Encodes a change without operations, which joins its dependencies (hashes in hex). Actor in hex, time in seconds. */
export function encodeJoin(change: {
  actor: string
  seq: number
  startOp: number
  time: number
  dependencies: readonly string[]
}): Uint8Array {
  const { dependencies, ...header } = change
  return Automerge.encodeChange({
    ...header,
    message: null,
    author: null,
    deps: [...dependencies].sort(),
    ops: [],
  })
}
