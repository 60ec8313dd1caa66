import type { ErrorCode, ErrorData } from '../../preload/messages/codes'

/** Error options of the standard: the error that led to this one. */
interface Options {
  readonly cause?: unknown
}

/** A code with its data; data that may be empty may be left out. */
type ErrorArguments = {
  [Code in ErrorCode]: Record<never, never> extends ErrorData[Code]
    ? [code: Code, data?: ErrorData[Code], options?: Options]
    : [code: Code, data: ErrorData[Code], options?: Options]
}[ErrorCode]

/**
 * The error class of this program, thrown or rejected across module borders. Its message is for developers
 * and holds no key, no link and no text; people get the sentences of `errorWords`.
 */
export class SwarmpadError extends Error {
  readonly code: ErrorCode
  readonly data: ErrorData[ErrorCode]

  constructor(...[code, data = {}, options]: ErrorArguments) {
    super('why' in data ? `${code}: ${data.why}` : code, options)
    this.name = 'SwarmpadError'
    this.code = code
    this.data = data
  }
}

/** Returns true if an error has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is SwarmpadError {
  return error instanceof SwarmpadError && codes.includes(error.code)
}

/** Returns true for bytes that break a format, and for a peer that breaks a rule: the peer is at fault. */
export const isForeignFault = (error: unknown): error is SwarmpadError =>
  hasCode(error, 'MALFORMED', 'MISBEHAVED')

/** Ends a switch over a union, so that a new member fails the type check. Throws if reached. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${String(value)}`)
}
