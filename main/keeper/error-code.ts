import type { ErrorCode } from '../base/errors'

const codes: readonly ErrorCode[] = [
  'LINK_UNKNOWN',
  'LINK_DAMAGED',
  'LINK_UNSUPPORTED',
  'DOCUMENT_UNKNOWN',
  'ROLE_TOO_LOW',
  'STORE_DAMAGED',
  'STORE_WRITE_FAILED',
  'CLOSED',
]

/** The code that a text is; INVALID for any other. */
export const errorCode = (text: string): ErrorCode => codes.find((code) => code === text) ?? 'INVALID'
