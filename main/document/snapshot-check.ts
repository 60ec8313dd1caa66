import { SwarmpadError } from '../errors'
import { fromHex, hex } from '../hex'
import { sameBytes } from '../keys/bytes'
import { hashCertificate } from '../log/certificate'
import { chainNext, chainStart, decodeTipProof } from '../log/segment'
import { decodeSnapshot, openSnapshot } from '../log/snapshot'
import { ChangeGate, type KnownChange } from './change-gate'
import { readChangeHeader } from './change-header'
import { readOperations } from './change-operations'
import { checkDocumentChunk } from './document-chunk'
import { createHandle, genesisChange, genesisOperations, type Handle } from './genesis'

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
 * (`held`, by session in hex). Every change has to pass the gate that it would have to pass by itself (D2 to D6).
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
    walk(handle, documentId, walked, held)
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
  documentId: Uint8Array,
  walked: Map<string, Walked>,
  held: ReadonlyMap<string, HeldChain>,
): void {
  const gate = new ChangeGate(documentId)
  const known = new Map<string, KnownChange>()
  const first = readChangeHeader(genesisChange(documentId))
  for (const bytes of handle.getChanges([])) {
    const header = readChangeHeader(bytes)
    const { hash, actor, seq, startOp } = header
    if (hash === first.hash) {
      known.set(hash, { actor, seq, maxOp: genesisOperations })
      continue
    }
    const before = walked.get(actor)
    if (!before || seq !== before.seq + 1) throw unsound('a change that no session has signed')
    const operations = readOperations(header)
    const flaw = gate.takeAll([{ ...header, operations }], ({ dependencies }) =>
      dependencies.map((dependency) => {
        const found = known.get(dependency)
        if (!found) throw unsound('built on what is not in it')
        return found
      }),
    )
    if (flaw) throw unsound(flaw)
    known.set(hash, { actor, seq, maxOp: startOp + operations.count - 1 })
    const chain = chainNext(before.chain, fromHex(hash))
    const here = held.get(actor)
    if (here?.seq === seq && !sameBytes(here.chain, chain)) throw unsound('of another history')
    walked.set(actor, { seq, chain })
  }
  if (!known.has(first.hash)) throw unsound('it does not begin as all documents do')
}

const unsound = (reason: string): SwarmpadError =>
  new SwarmpadError('INVALID', `Not a sound snapshot: ${reason}.`)
