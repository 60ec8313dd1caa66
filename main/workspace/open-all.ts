import {
  damagedRecordsWords,
  lossWords,
  lostDocumentsWords,
  lostJournalWords,
  lostPersonWords,
  mendedDatabaseWords,
} from '../../preload/messages/damage'
import { errorWords } from '../../preload/messages/errors'
import { titleWords } from '../../preload/messages/format'
import { SwarmpadError } from '../base/errors'
import type { Library } from '../library/library'
import type { Repo } from '../repo/repo'
import { takeLostDocuments, takeLostJournal } from './noted-records'
import type { Notices } from './notices'
import type { Person } from './person'

/**
 * Opens the logs of all documents of a library in the background, one after the other, warns of what was lost since
 * the last run, also of what is found later in a log that is opened again, and reads all logs of a suspect store. Never
 * rejects for a single document.
 */
export async function openAll({
  repo,
  library,
  person,
  notices,
}: {
  repo: Repo
  library: Library
  person: Person
  notices: Notices
}): Promise<void> {
  const { store } = repo
  const titleOf = (id: string) => library.entries.get(id)?.title ?? ''
  repo.on('unopened', ({ id, error }) => notices.warn(unopenedWords(titleOf(id), error)))
  repo.on('short', ({ id }) => notices.warn(lossWords([titleOf(id)])))
  const { damaged, recorded, journals } = library
  const lost = takeLostDocuments(store, recorded)
  if (person.isLost) notices.warn(lostPersonWords)
  else if (store.isSuspect) notices.warn(mendedDatabaseWords)
  if (damaged > 0) notices.warn(damagedRecordsWords(damaged))
  if (lost > 0) notices.warn(lostDocumentsWords(lost))

  const ids = library.shown.map(([id]) => id)
  const untyped: string[] = []
  let unread = 0
  for (const id of ids) {
    // Closed meanwhile: the store may not answer any longer.
    if (!repo.isOpen) return
    try {
      if (await takeLostJournal(store, id, () => journals.has(id))) untyped.push(titleOf(id))
    } catch (error) {
      // Reported where the document itself is opened.
      if (!(error instanceof SwarmpadError)) throw error
      unread++
    }
  }
  // One that is removed meanwhile is not shared again.
  const shown = function* () {
    for (const id of ids) if (library.entries.get(id)?.removedAt === null) yield id
  }
  const found = await repo.keepAll(shown(), {
    isWhole: !person.isLost && damaged + lost + untyped.length + unread === 0,
    onFailure: (id, error) => notices.warn(unopenedWords(titleOf(id), error)),
  })
  if (!found) return
  if (found.short.length > 0) notices.warn(lossWords(found.short.map(titleOf)))
  if (untyped.length > 0) notices.warn(lostJournalWords(untyped))
  await repo.scrub(found.isAll && damaged === 0)
}

function unopenedWords(title: string, error: unknown): string {
  const message = error instanceof SwarmpadError ? errorWords(error) : 'It cannot be read.'
  return `“${titleWords(title)}” could not be opened: ${message}`
}
