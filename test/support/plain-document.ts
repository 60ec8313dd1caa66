import { type KnownChange, maxOpOf } from '../../main/replica/change'
import { readChangeHeader } from '../../main/replica/change-header'
import { createHandle, genesisChange, genesisOperations, type Handle } from '../../main/replica/genesis'
import { Intake, type SealedSegment } from '../../main/replica/intake'

/** Ids of objects in a document. */
export interface ObjectIds {
  readonly texts: readonly string[]
  readonly anchors: readonly string[]
}

/** Contents of objects: each text, and all values of each key of each anchor; null for objects that are not there. */
export interface Content {
  readonly texts: readonly (string | null)[]
  readonly anchors: readonly (readonly { key: string; values: unknown; winner: unknown }[] | null)[]
}

/**
 * Gives Automerge the changes that are let through of batches of segments, each batch at once. Returns what the objects
 * hold then, and what they hold once the document was saved and loaded.
 */
export function contentOfBatches(
  { documentId, contentKey }: { documentId: Uint8Array; contentKey: Uint8Array },
  batches: readonly (readonly SealedSegment[])[],
  objects: ObjectIds,
): { content: Content; loaded: Content } {
  const handle = createHandle('ff'.repeat(32))
  const first = genesisChange(documentId)
  handle.applyChanges([first])
  const { hash, actor } = readChangeHeader(first)
  const applied = new Map<string, KnownChange>([[hash, { actor, seq: 1, maxOp: genesisOperations }]])
  const placeOf = (one: string) => applied.get(one) ?? null
  const rest = { leftOut: new Map(), settled: [], document: null }
  const intake = new Intake({ documentId, contentKey, placeOf, ...rest })
  for (const batch of batches) {
    const { ready } = intake.take(batch)
    handle.applyChanges(ready.map(({ bytes }) => bytes))
    for (const change of ready) {
      applied.set(change.hash, { actor: change.actor, seq: change.seq, maxOp: maxOpOf(change) })
      intake.applied(change)
    }
  }
  const found = { content: contentOf(handle, objects), loaded: contentOf(reloaded(handle), objects) }
  handle.free()
  return found
}

/** Returns a document that is loaded from what another one saves. */
export function reloaded(handle: Handle): Handle {
  const loaded = createHandle('ff'.repeat(32))
  loaded.loadIncremental(handle.saveNoCompress())
  return loaded
}

/** Returns what objects of a document hold, with the operations that made each value. */
export function contentOf(handle: Handle, { texts, anchors }: ObjectIds): Content {
  return {
    texts: texts.map((id) => ifMade(() => handle.text(id))),
    anchors: anchors.map((id) =>
      ifMade(() =>
        handle.keys(id).map((key) => ({
          key,
          values: handle.getAll(id, key),
          winner: handle.getWithType(id, key),
        })),
      ),
    ),
  }
}

/** Objects of changes that were left out are not there. */
function ifMade<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
