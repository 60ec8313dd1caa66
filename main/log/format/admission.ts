import { SwarmpadError } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import { hashCertificate, verifyCertificate } from './certificate'
import { chainStart, type Segment } from './segment'

/**
 * Returns a copy of the certificate that admits a segment's session; null without one, or while it cannot be checked.
 * Throws MALFORMED for one that does not admit it. Rules C4, C6.
 */
export function admissionOf(
  segment: Segment,
  certificate: Uint8Array | null,
  documentId: Uint8Array,
  verifyKey: Uint8Array | null,
): Uint8Array | null {
  if (!certificate || !verifyKey) return null
  const { session } = verifyCertificate(certificate, documentId, verifyKey)
  if (!sameBytes(session, segment.session))
    throw new SwarmpadError('MALFORMED', { why: 'a certificate of another session' })
  return Uint8Array.from(certificate)
}

/** Returns the chain that a session's first segment continues: bound to the certificate that admits it. Rule S1. */
export const firstChain = (
  documentId: Uint8Array,
  session: Uint8Array,
  certificate: Uint8Array,
): Uint8Array => chainStart(documentId, session, hashCertificate(certificate))
