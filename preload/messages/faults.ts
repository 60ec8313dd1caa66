import type { FaultCode } from './codes'

/** Reasons for which edits are shown as left out. */
export type LeftOutReason = FaultCode | 'TWO_HISTORIES'

const sentences: { readonly [Reason in LeftOutReason]: string } = {
  SEALED_OTHERWISE: 'This is locked with another key than the one of this document.',
  CONTENT_DAMAGED: 'This is damaged.',
  COUNT_WRONG: 'What was sent is not what was announced.',
  NOT_AS_SIGNED: 'What was sent is not what was signed.',
  FOREIGN_ACTOR: 'This was written by someone else, and passed off as their own.',
  OUT_OF_SEQUENCE: 'Some edits before this are missing.',
  TOO_MANY_OPERATIONS: 'One edit is far larger than Swarmpad makes them.',
  PLACE_WRONG: 'This does not follow on the edits that it claims to follow on.',
  REFERENCE_UNKNOWN: 'This changes text that its author cannot have seen.',
  STRUCTURE_UNUSUAL: 'This is built in a way that Swarmpad does not write.',
  BUILT_ON_LEFT_OUT: 'This builds on edits that were left out.',
  READER_ENDED: 'Reading this made the part of Swarmpad that reads break down.',
  REFUSED: 'This does not fit the document.',
  CHANGE_MALFORMED: 'This is damaged, or was not made by Swarmpad.',
  TWO_HISTORIES:
    'Two copies of one running Swarmpad wrote in this document as one, as when a computer is copied while it runs. Everyone goes on with one of the two.',
}

/** Sentences for people about edits that were left out of a document. */
export const leftOutSentences = {
  /** Returns the sentence for a reason. */
  reason: (reason: LeftOutReason): string => sentences[reason],
  /** Explains the file in which such edits are saved. */
  aboutFile:
    'Edits that Swarmpad left out of a document, because they could not be read. Each change is in base64 and in the binary format of Automerge, with the words that could be got out of it; a stored segment that could not be opened is given as it is.',
} as const
