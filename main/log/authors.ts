import { hex } from '../base/hex'
import type { DocumentLog } from './document-log'
import { type Author, openCertificate } from './format/certificate'
import type { SessionId } from './format/version-vector'

/** Opens a document's certificates: says who wrote in it, for who can read. */
export interface AuthorsOptions {
  readonly log: DocumentLog
  /** The key that seals what is written. */
  readonly content: Uint8Array
}

/**
 * The author that a session's certificate names, the author's own signature checked; null for a session
 * that is unknown, or whose certificate names nobody soundly: a keeper's word for it is not enough.
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

/** Everyone who wrote in a document, each author key once, with the name that one of its certificates gives. */
export function authorsOf(options: AuthorsOptions): Author[] {
  const found = new Map<string, Author>()
  for (const session of options.log.vector.keys()) {
    const author = authorOf(options, session)
    if (author) found.set(hex(author.authorKey), author)
  }
  return [...found.values()]
}
