import { hex } from '../base/hex'
import type { DocumentLog } from './document-log'
import { type Author, openCertificate } from './format/certificate'
import type { SessionId } from './format/version-vector'

/** Inputs for reading the authors of a document. */
export interface AuthorsOptions {
  readonly log: DocumentLog
  /** Key that seals the content. */
  readonly content: Uint8Array
}

/**
 * Returns the author that a session's certificate names, after checking the author's own signature; null for an
 * unknown session, and for a certificate without a sound author.
 */
export function authorOf({ log, content }: AuthorsOptions, session: SessionId): Author | null {
  const certificate = log.certificate(session)
  if (!certificate) return null
  try {
    return openCertificate({ content, documentId: log.documentId, certificate })
  } catch {
    return null // sealed by whoever signed it: what is wrong inside is nobody else's fault
  }
}

/** Returns the authors of a document, each author key once, with the name from one of its certificates. */
export function authorsOf(options: AuthorsOptions): Author[] {
  const found = new Map<string, Author>()
  for (const session of options.log.vector.keys()) {
    const author = authorOf(options, session)
    if (author) found.set(hex(author.authorKey), author)
  }
  return [...found.values()]
}
