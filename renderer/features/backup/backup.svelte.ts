import type { BackupFile, Restored } from '../../../preload/contract/backup'
import type { DocumentId } from '../../../preload/contract/ids'
import type { Api } from '../../api'
import type { Refusal } from '../protection/protection.svelte'

/** State of backup and restore: the chosen file and the progress. */
export class BackupState {
  /** A file that waits for its passphrase, or is being restored; null for none. */
  chosen = $state.raw<BackupFile | null>(null)
  /** From 0 to 1 while a file is saved or restored; null while none is. */
  progress = $state<number | null>(null)
  /** Counts the files chosen. */
  choices = $state(0)

  private readonly api: Api

  constructor(api: Api) {
    this.api = api
  }

  /** Listens from then on; the result stops listening. */
  start(): () => void {
    return this.api.on('backupProgress', ({ done }) => {
      if (this.progress !== null) this.progress = Math.max(this.progress, done)
    })
  }

  /** Asks for a file to be restored. */
  choose(file: BackupFile): void {
    // One that is being restored goes on; the other can be opened again.
    if (this.progress !== null) return
    this.chosen = file
    this.choices++
  }

  /** Aborts the running backup or restore, if any. */
  stop(): void {
    if (this.progress !== null) void this.api.call('stopBackup')
  }

  /** Discards the chosen file, and aborts a running backup or restore. */
  leave(): void {
    this.stop()
    this.chosen = null
  }

  /** Saves one document, or (`id` null) everything; returns a message or refusal, or null if cancelled. */
  async save(passphrase: string, id: DocumentId | null): Promise<string | Refusal | null> {
    const outcome = await this.run(() => this.api.call('saveBackup', passphrase, id))
    if (!outcome.ok)
      return outcome.code === 'CLOSED'
        ? null
        : { message: outcome.message, isWrong: outcome.code.startsWith('PASSPHRASE_') }
    const { path, damaged, unsaved } = outcome.value
    return path === null ? null : savedWords(path, damaged, unsaved)
  }

  /** Restores the file that was chosen. Null when it was stopped. */
  async restore(passphrase: string): Promise<Restored | Refusal | null> {
    const outcome = await this.run(() => this.api.call('restoreBackup', passphrase))
    if (outcome.ok) return outcome.value
    if (outcome.code === 'CLOSED') return null
    return { message: outcome.message, isWrong: outcome.code === 'PASSPHRASE_WRONG' }
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    this.progress = 0
    try {
      return await work()
    } finally {
      this.progress = null
    }
  }
}

/** Message after a file was saved. */
export function savedWords(path: string, damaged: readonly string[], unsaved: readonly string[]): string {
  const [is, it] = damaged.length === 1 ? ['is', 'it'] : ['are', 'them']
  const parts = [
    ...(damaged.length > 0
      ? [`${titles(damaged)} ${is} damaged on this computer; what can be read of ${it} is in the file.`]
      : []),
    ...(unsaved.length > 0
      ? [`What you typed last in ${titles(unsaved)} is not saved on this computer, and not in the file.`]
      : []),
  ]
  return parts.length === 0 ? `Saved as ${path}` : `Saved as ${path}. ${parts.join(' ')}`
}

/** Messages after a file was restored, one sentence each. */
export function restoredWords(restored: Restored): string[] {
  const { kind, incomplete } = restored
  const words = kind === 'document' ? [documentWords(restored)] : profileWords(restored)
  if (incomplete.length === 0) return words
  const them = incomplete.length === 1 ? 'it' : 'them'
  return [
    ...words,
    `Not everything could be taken of ${titles(incomplete)}. What is missing comes from the people you share ${them} with, if they have it.`,
  ]
}

function documentWords({ added, grown }: Restored): string {
  if (added.length > 0) return 'The document is in your library now.'
  return grown > 0
    ? 'This document was here already. What it lacked was added.'
    : 'This document is here already, with all that is in the file.'
}

function profileWords({ person, added, grown, known }: Restored): string[] {
  return [
    ...(person ? ['Welcome back.'] : []),
    added.length === 1 ? 'One document was added.' : `${added.length || 'No'} documents were added.`,
    ...(grown > 0 ? [`${count(grown)} here already got what ${grown === 1 ? 'it' : 'they'} lacked.`] : []),
    ...(known > 0 ? [`${count(known)} had everything already.`] : []),
  ]
}

const count = (number: number): string => (number === 1 ? 'One document' : `${number} documents`)

/** A few titles as words. */
function titles(all: readonly string[]): string {
  const quoted = all.slice(0, 3).map((title) => `“${title}”`)
  const more = all.length - quoted.length
  return more > 0
    ? `${quoted.join(', ')} and ${more} more`
    : quoted.join(', ').replace(/, ([^,]*)$/, ' and $1')
}
