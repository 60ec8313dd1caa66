import { titleWords } from './format'

/** Returns the message for a document with a part damaged on the disk. `alone`: no peer is connected. */
export function damageWords({ loading, alone }: { loading: boolean; alone: boolean }): string {
  const remedy = alone
    ? 'It is mended as soon as someone who has the document is there; if nobody has all of it, restore it from a backup.'
    : 'It is being mended with what others’ computers hold; if none of them has all of it, restore it from a backup.'
  const meanwhile = loading ? ' Until then you see the text as it was last seen.' : ''
  return `A part of this document is damaged on this computer’s disk. ${remedy}${meanwhile}`
}

/** Message for a damaged database that was opened with the readable part of it. */
export const mendedDatabaseWords =
  'A part of what Swarmpad had stored can no longer be read. It comes back from others’ computers when they are there. If a document is missing from the list, open it again by its link or restore a backup.'

/** Returns the message for documents with these titles that lost a part on the disk. */
export function lossWords(titles: readonly string[]): string {
  return `A part of ${listOf(titles)} that was saved is not on this computer’s disk any more: ${lossCause}. It comes back from others’ computers when they are there; if nobody has it, restore a backup.`
}

/** Returns the message for documents with these titles of which journaled edits are missing. */
export function lostJournalWords(titles: readonly string[]): string {
  return `What you typed last in ${listOf(titles)} was saved and is not on this computer’s disk any more: ${lossCause}. Look where you wrote last, and type again what is missing.`
}

const lossCause = 'a file of the profile is missing, cut short or an older one'

function listOf(titles: readonly string[]): string {
  const named = titles.slice(0, 3).map((title) => `“${titleWords(title)}”`)
  const more = titles.length - named.length
  const all = more > 0 ? [...named, `${more} more`] : named
  return all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : (all[0] ?? '')
}

/** Returns the message for a number of documents that are missing from the library. */
export function lostDocumentsWords(count: number): string {
  const [documents, them] = count === 1 ? ['One document is', 'it'] : [`${count} documents are`, 'them']
  return `${documents} not in the list any more, because ${lossCause}. Open ${them} again by link, or restore a backup.`
}

/** Returns the message for a number of documents whose records cannot be read. */
export function damagedRecordsWords(count: number): string {
  const [documents, them] = count === 1 ? ['One document', 'it'] : [`${count} documents`, 'them']
  return `${documents} of this profile cannot be shown: what is noted about ${them} on this computer is damaged. Put the profile folder back from a backup, or open ${them} again by link; the text is still stored.`
}

/** Message for a person whose name and key were lost. */
export const lostPersonWords =
  'A part of what Swarmpad had stored can no longer be read, and your name and key were in it. Restore a backup of everything to be yourself again. Otherwise choose a name, and others will see someone new.'

/** Source of the bytes that repaired a document; 'nobody': the damaged part was dropped. */
export type RepairSource = 'others' | 'backup' | 'itself' | 'nobody'

/** Returns the notice for a repaired document. */
export function repairedWords(title: string, by: RepairSource): string {
  const end = {
    others: 'was mended with what others’ computers had',
    backup: 'was mended from the backup',
    itself: 'was mended',
    nobody: 'is left out now. If somebody has it after all, it comes back by itself',
  }[by]
  return `“${titleWords(title)}”: a part of it was damaged on this computer’s disk, and ${end}.`
}

/** Returns the message for journaled edits that could not be put into the document unchanged. */
export function leftWords(title: string, state: 'near' | 'unreadable'): string {
  const end = {
    near: 'was put back near its place, as the text around it could not be read. Look whether it stands where it should.',
    unreadable:
      'could not be read when the document was opened, and is not in it. It is kept as it is in the profile folder.',
  }[state]
  return `“${titleWords(title)}”: what you typed last before Swarmpad ended ${end}`
}
