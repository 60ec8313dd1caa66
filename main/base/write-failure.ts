/** Why a file could not be written, as far as a person can do something about it. */
export type WriteFailure = 'full' | 'denied' | 'name' | 'gone' | 'other'

const reasons: ReadonlyMap<unknown, WriteFailure> = new Map([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EFBIG', 'full'],
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['EROFS', 'denied'],
  ['ENAMETOOLONG', 'name'],
  ['ENOENT', 'gone'],
  ['ENOTDIR', 'gone'],
])

/** Returns the reason that an error of the system gives for a write that failed. */
export const writeFailureOf = (cause: unknown): WriteFailure =>
  reasons.get((cause as { readonly code?: unknown } | null)?.code) ?? 'other'
