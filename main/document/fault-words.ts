/** Explanations by a phrase of an Intake's reason. */
const reasons: readonly (readonly [string, string])[] = [
  ['A seal cannot be opened', 'This is locked with another key than the one of this document.'],
  ['The content of a segment is malformed', 'This is damaged.'],
  ['another number of changes', 'What was sent is not what was announced.'],
  ['made by another actor', 'This was written by someone else, and passed off as their own.'],
  ['out of sequence', 'Some edits before this are missing.'],
  ['not the changes that were signed', 'What was sent is not what was signed.'],
  ['too many operations', 'One edit is far larger than Swarmpad makes them.'],
  ['not built on', 'This does not follow on the edits that it claims to follow on.'],
  ['its ancestors did not make', 'This changes text that its author cannot have seen.'],
  ['deleted twice', 'This is built in a way that Swarmpad does not write.'],
  ['without a page', 'This is built in a way that Swarmpad does not write.'],
  ['nested too deep', 'This is built in a way that Swarmpad does not write.'],
  ['wrong first operation', 'This does not follow on the edits that it claims to follow on.'],
  ['built on a change that was left out', 'This builds on edits that were left out.'],
  ['it ended the program that read it', 'Reading this made the part of Swarmpad that reads break down.'],
  ['Automerge does not take it', 'This does not fit the document.'],
]

/** A sentence for people about why edits were left out; `reason` is a Fault's. Rule D5. */
export function faultWords(reason: string): string {
  const known = reasons.find(([part]) => reason.includes(part))
  return known?.[1] ?? 'This is damaged, or was not made by Swarmpad.'
}
