import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import { hashCertificate } from '../log/format/certificate'
import { chainNext, chainStart, decodeTipProof } from '../log/format/segment'
import { decodeSnapshot, openSnapshot } from '../log/format/snapshot'
import { type KnownChange, maxOpOf, readChange } from './change'
import { ChangeGate } from './change-gate'
import { hashChange } from './change-header'
import { checkDocumentChunk } from './document-chunk'
import { holdSameOperations } from './document-operations'
import { createHandle, genesisChange, genesisOperations } from './genesis'

/** A session's last stored change, and its chain there. */
export interface HeldChain {
  readonly seq: number
  readonly chain: Uint8Array
}

/** Changes that are applied at once: Automerge takes memory for each until its patches are read. */
const changesPerSlice = 1_000
/** Actor of handles with which nothing is written. */
const anyActor = '00'.repeat(32)

interface Walked {
  readonly seq: number
  readonly chain: Uint8Array
}

/**
 * Checks that a snapshot holds exactly what the sessions' signatures cover: loads it, recomputes each session's chain
 * from the changes in it, and compares the chain with the session's tip and with its stored part (`held`, by session in
 * hex). Every change has to pass the same gate as in a segment (D2 to D6). Throws MALFORMED when the check fails,
 * anything else when Automerge breaks: run it in a separate
 * thread. Rule T7.
 */
export function checkSnapshot(options: {
  documentId: Uint8Array
  contentKey: Uint8Array
  snapshot: Uint8Array
  held: ReadonlyMap<string, HeldChain>
}): void {
  const { documentId, held } = options
  const snapshot = decodeSnapshot(options.snapshot)
  const document = openSnapshot(options.contentKey, snapshot)
  checkDocumentChunk(document)
  const walked = new Map<string, Walked>()
  for (const { session, certificate } of snapshot.sessions)
    walked.set(session, {
      seq: 0,
      chain: chainStart(documentId, fromHex(session), hashCertificate(certificate)),
    })
  const changes = changesIn(document)
  walk(changes, documentId, walked, held)
  // No hash covers the order of elements in a document chunk: only the changes determine the text.
  if (!holdSameOperations(document, savedFrom(changes))) throw unsound('not what its changes make')
  for (const { session, seq, tipProof } of snapshot.sessions) {
    const end = walked.get(session)
    if (end?.seq !== seq || !sameBytes(end.chain, decodeTipProof(tipProof).chain))
      throw unsound('not the changes that were signed')
  }
}

/** Returns the changes in a document chunk. Throws MALFORMED unless it is in the form in which Automerge writes it. */
function changesIn(document: Uint8Array): readonly Uint8Array[] {
  const handle = createHandle(anyActor)
  try {
    handle.loadIncremental(document)
    if (!sameBytes(handle.saveNoCompress(), document))
      throw unsound('not in the form in which Automerge writes it')
    return handle.getChanges([])
  } finally {
    handle.free()
  }
}

/** Returns the document chunk that changes make when they are applied in order. */
function savedFrom(changes: readonly Uint8Array[]): Uint8Array {
  const handle = createHandle(anyActor)
  try {
    for (let from = 0; from < changes.length; from += changesPerSlice) {
      handle.applyChanges(changes.slice(from, from + changesPerSlice))
      handle.updateDiffCursor()
    }
    return handle.saveNoCompress()
  } finally {
    handle.free()
  }
}

function walk(
  changes: readonly Uint8Array[],
  documentId: Uint8Array,
  walked: Map<string, Walked>,
  held: ReadonlyMap<string, HeldChain>,
): void {
  const gate = new ChangeGate(documentId)
  const known = new Map<string, KnownChange>()
  const first = hashChange(genesisChange(documentId))
  for (const bytes of changes) {
    const digest = hashChange(bytes)
    if (digest.equals(first)) {
      known.set(hex(first), { actor: hex(documentId), seq: 1, maxOp: genesisOperations })
      continue
    }
    const change = readChange(bytes, digest)
    const { hash, actor, seq } = change
    const before = walked.get(actor)
    if (!before || seq !== before.seq + 1) throw unsound('a change that no session has signed')
    gate.takeAll([change], ({ dependencies }) =>
      dependencies.map((dependency) => {
        const found = known.get(dependency)
        if (!found) throw unsound('built on what is not in it')
        return found
      }),
    )
    known.set(hash, { actor, seq, maxOp: maxOpOf(change) })
    const chain = chainNext(before.chain, digest)
    const here = held.get(actor)
    if (here?.seq === seq && !sameBytes(here.chain, chain)) throw unsound('of another history')
    walked.set(actor, { seq, chain })
  }
  if (!known.has(hex(first))) throw unsound('it does not begin as all documents do')
}

const unsound = (reason: string): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: `snapshot: ${reason}` })
