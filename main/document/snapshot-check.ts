import { SwarmpadError } from '../errors'
import { fromHex, hex } from '../hex'
import { sameBytes } from '../keys/bytes'
import { hashCertificate } from '../log/certificate'
import { chainNext, chainStart, decodeTipProof } from '../log/segment'
import { decodeSnapshot, openSnapshot } from '../log/snapshot'
import { readChangeHeader } from './change-header'
import { checkDocumentChunk } from './document-chunk'
import { createHandle, genesisChange, type Handle } from './genesis'
import { maxOperations } from './intake'

/** How far a session is held, and its chain there. */
export interface HeldChain {
  readonly seq: number
  readonly chain: Uint8Array
}

interface Walked {
  readonly seq: number
  readonly chain: Uint8Array
}

/**
 * Looks whether a snapshot holds just what the sessions' own signatures cover: it is loaded, each session's chain
 * worked out anew from the changes in it, and compared with the session's tip, and with what is held of it
 * (`held`, by session in hex). Every change has to pass what it would have had to pass by itself (D2 to D4).
 * Throws INVALID when it does not, anything else when Automerge breaks: to be run in a thread of its own. Rule T7.
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
  const handle = createHandle(hex(documentId))
  try {
    handle.loadIncremental(document)
    walk(handle, readChangeHeader(genesisChange(documentId)).hash, walked, held)
  } finally {
    handle.free()
  }
  for (const { session, seq, tipProof } of snapshot.sessions) {
    const end = walked.get(session)
    if (end?.seq !== seq || !sameBytes(end.chain, decodeTipProof(tipProof).chain))
      throw unsound('not the changes that were signed')
  }
}

function walk(
  handle: Handle,
  genesis: string,
  walked: Map<string, Walked>,
  held: ReadonlyMap<string, HeldChain>,
): void {
  const ends = new Map<string, number>()
  for (const { hash, actor, seq, startOp, maxOp, deps } of handle.getChangesMeta([])) {
    if (maxOp - startOp >= maxOperations) throw unsound('too many operations')
    let start = 1
    for (const dependency of deps) {
      const end = ends.get(dependency)
      if (end === undefined) throw unsound('built on what is not in it')
      start = Math.max(start, end + 1)
    }
    ends.set(hash, maxOp)
    if (hash === genesis) continue
    const before = walked.get(actor)
    if (!before || seq !== before.seq + 1) throw unsound('a change that no session has signed')
    if (startOp !== start) throw unsound('wrong first operation')
    const chain = chainNext(before.chain, fromHex(hash))
    const known = held.get(actor)
    if (known?.seq === seq && !sameBytes(known.chain, chain)) throw unsound('of another history')
    walked.set(actor, { seq, chain })
  }
  if (!ends.has(genesis)) throw unsound('it does not begin as all documents do')
}

const unsound = (reason: string): SwarmpadError =>
  new SwarmpadError('INVALID', `Not a sound snapshot: ${reason}.`)
