import { hasCode } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import { verifyCertificate } from '../format/certificate'
import { type Snapshot, verifySnapshot } from '../format/snapshot'
import { segmentRange } from '../format/store-keys'
import type { SessionId } from '../format/version-vector'
import type { Session } from '../session'
import { loseUnsound, nowhere, type ScrubHost } from './corrections'

/** Checks the snapshot of a log; ends early when `isOver` returns true. Rules S15, T4. */
export async function scrubSnapshot(host: ScrubHost, isOver: () => boolean): Promise<void> {
  const { snapshots, documentId, verifyKey } = host
  const { held } = snapshots
  if (!held) return
  const key = verifyKey()
  const isSigned = async (snapshot: Snapshot) =>
    key !== null && (await verifySnapshot(snapshot, documentId, key).then(() => true, asFalse))
  let snapshot = await snapshots.readable()
  if (snapshot && key && !(await isSigned(snapshot))) snapshot = null
  if (snapshots.held !== held || isOver()) return
  if (snapshot) {
    correctBases(host, snapshot)
    return
  }
  const records = await snapshots.restoreSummary(isSigned)
  if (records) host.write(records)
  // Another one came while this one was checked.
  else if (snapshots.held !== held) return
  else if (snapshots.bearing) await loseSnapshot(host)
  // Beside segments it is nothing that they do not hold.
  else host.write(snapshots.forget())
}

/** A session whose segments begin after a base needs the certificate that it was admitted by checked apart. */
export function isAdmitted({ verifyKey, documentId }: ScrubHost, { certificate, base }: Session): boolean {
  const key = verifyKey()
  if (!base || !key) return true
  try {
    verifyCertificate(certificate, documentId, key)
    return true
  } catch (error) {
    return asFalse(error)
  }
}

/** Corrects sessions that begin with the snapshot, whose signatures were checked if W is known. */
function correctBases(host: ScrubHost, { sessions: settled }: Snapshot): void {
  for (const { session: id, seq, certificate, tipProof, mark } of settled) {
    const session = host.sessions.get(id)
    if (session?.base?.seq !== seq) continue
    const admitted = isAdmitted(host, session)
    if (admitted && sameBytes(session.base.mark, mark)) continue
    const base = { seq, tipProof: Uint8Array.from(tipProof), mark: Uint8Array.from(mark) }
    host.sessions.correctBase(session, base, admitted ? session.certificate : Uint8Array.from(certificate))
  }
}

/** Drops all sessions that begin with the snapshot, as it cannot be read. */
async function loseSnapshot(host: ScrubHost): Promise<void> {
  const { sessions, snapshots, store, documentId, damaged } = host
  const sizes = new Map<SessionId, number>()
  for (const { id, key, base, own } of [...sessions.all()]) {
    let size = 0
    if (base && !own)
      for await (const [, { length }] of store.entries(segmentRange(documentId, key, base.seq)))
        size += length
    sizes.set(id, size)
  }
  host.write(damaged.addSnapshot())
  for (const session of [...sessions.all()])
    if (session.base)
      loseUnsound(host, session, { end: nowhere, signed: 0, beyond: sizes.get(session.id) ?? 0 })
  snapshots.lose()
}

function asFalse(error: unknown): false {
  if (!hasCode(error, 'MALFORMED', 'STORE_DAMAGED')) throw error
  return false
}
