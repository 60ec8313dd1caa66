import { expect, it } from 'vitest'
import { type LeftOutReason, leftOutSentences } from '../../../preload/messages/faults'

it.each<[LeftOutReason, string]>([
  ['SEALED_OTHERWISE', 'This is locked with another key than the one of this document.'],
  ['CONTENT_DAMAGED', 'This is damaged.'],
  ['COUNT_WRONG', 'What was sent is not what was announced.'],
  ['NOT_AS_SIGNED', 'What was sent is not what was signed.'],
  ['FOREIGN_ACTOR', 'This was written by someone else, and passed off as their own.'],
  ['OUT_OF_SEQUENCE', 'Some edits before this are missing.'],
  ['TOO_MANY_OPERATIONS', 'One edit is far larger than Swarmpad makes them.'],
  ['PLACE_WRONG', 'This does not follow on the edits that it claims to follow on.'],
  ['REFERENCE_UNKNOWN', 'This changes text that its author cannot have seen.'],
  ['STRUCTURE_UNUSUAL', 'This is built in a way that Swarmpad does not write.'],
  ['BUILT_ON_LEFT_OUT', 'This builds on edits that were left out.'],
  ['READER_ENDED', 'Reading this made the part of Swarmpad that reads break down.'],
  ['REFUSED', 'This does not fit the document.'],
  ['CHANGE_MALFORMED', 'This is damaged, or was not made by Swarmpad.'],
])('edits that are left out with %s are explained to people', (reason, sentence) => {
  expect(leftOutSentences.reason(reason)).toBe(sentence)
})

it('two histories of a session are explained to people', () => {
  expect(leftOutSentences.reason('TWO_HISTORIES')).toMatch(/^Two copies of one running Swarmpad wrote/)
})
