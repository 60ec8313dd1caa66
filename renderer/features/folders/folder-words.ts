import type { ExportedFolder, ImportedFolder } from '../../../preload/contract/folders'
import { countWords } from '../../../preload/messages/format'

/** Sentences about an import. */
export function importWords(report: ImportedFolder): string[] {
  const { added, known, pictures, others, unread, isWhole } = report
  const left = [
    ...(pictures > 0 ? [countWords(pictures, 'picture', 'pictures')] : []),
    ...(others > 0 ? [countWords(others, 'other file', 'other files')] : []),
  ]
  const words = [
    added === 0 && known === 0 && isWhole
      ? `There is no text in “${report.name}”. Texts end in .md, .markdown or .txt.`
      : `${countWords(added, 'document was', 'documents were')} added to the library, in the folder “${report.name}”.`,
  ]
  if (!isWhole) words.unshift('It was stopped. Import the same folder again to continue.')
  if (known > 0)
    words.push(
      `${countWords(known, 'file is a document', 'files are documents')} already, from an earlier import.`,
    )
  if (left.length > 0)
    words.push(
      `${left.join(' and ')} ${pictures + others === 1 ? 'was' : 'were'} left out: documents have no pictures and files yet.`,
    )
  if (unread > 0) words.push(`${countWords(unread, 'folder in it', 'folders in it')} could not be read.`)
  return words
}

/** Sentences about an export, or about copies. */
export function exportWords(
  { path, written, same, isWhole }: ExportedFolder,
  kind: 'export' | 'copies',
): string[] {
  const words = [`${countWords(written, 'document was', 'documents were')} written to ${path}`]
  const again = kind === 'export' ? 'Export into the same folder' : 'Save them in the same folder'
  if (!isWhole) words.unshift(`It was stopped. ${again} again to continue.`)
  if (same > 0)
    words.push(`${countWords(same, 'document was', 'documents were')} there already, with the same text.`)
  return words
}
