import { maxFiles, type OpenedFiles, type ReadFiles } from '../../preload/contract/files'
import { errorWords } from '../../preload/messages/errors'
import { isBackupFile } from '../backup/backup-mark'
import { SwarmpadError } from '../base/errors'
import { maxSize, readTextFile, shownName } from '../files/text-file'
import { hideLinks } from '../keys/link-text'
import type { Workspace } from '../workspace/workspace'
import type { BackupController } from './calls/backup-calls'
import { releaseLater } from './window-documents'

/**
 * Opens files: makes a document of each text, and selects the first sealed one to be restored. A file that cannot
 * be opened changes nothing and does not stop the others.
 */
export async function openFiles(
  paths: readonly string[],
  workspace: Workspace,
  backups: Pick<BackupController, 'choose'>,
): Promise<OpenedFiles> {
  const opened: OpenedFiles = { documents: [], backup: null, problems: [] }
  const open = async (path: string) => {
    if (!(await isBackupFile(path))) {
      const text = await readTextFile(path)
      opened.documents.push(releaseLater(await workspace.createDocument({ text })).id)
    } else if (opened.backup)
      throw new SwarmpadError('TEXT_FILE', { is: 'another-backup', name: shownName(path) })
    else opened.backup = await backups.choose(workspace, path)
  }
  opened.problems = await eachFile(paths, open)
  return opened
}

/** Reads the texts of files: together as much as one file may have. */
export async function readFiles(paths: readonly string[]): Promise<ReadFiles> {
  const texts: string[] = []
  let rest = maxSize
  const problems = await eachFile(paths, async (path) => {
    if (await isBackupFile(path))
      throw new SwarmpadError('TEXT_FILE', { is: 'sealed', name: shownName(path) })
    const text = await readTextFile(path, rest)
    // Never negative: a file in UTF-16 may have more bytes in UTF-8.
    rest = Math.max(0, rest - Buffer.byteLength(text))
    texts.push(text)
  })
  return { texts, problems }
}

/** Does something with one file after the other; resolves to the sentences of those that failed. */
async function eachFile(paths: readonly string[], act: (path: string) => Promise<void>): Promise<string[]> {
  const problems: string[] = []
  // The first one, so that the window shows it however many follow.
  if (paths.length > maxFiles)
    problems.push(`Only the first ${maxFiles} of the ${paths.length} files were opened.`)
  for (const path of paths.slice(0, maxFiles))
    try {
      // The system has no path for it, as for a file that another program makes only when it is wanted.
      if (path === '') throw new SwarmpadError('FILE_UNREADABLE')
      await act(path)
    } catch (error) {
      if (!(error instanceof SwarmpadError)) throw error
      problems.push(hideLinks(errorWords(error)))
    }
  return problems
}
