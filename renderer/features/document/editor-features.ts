import { basicEditing } from '../../editor/basic-editing'
import { cleanInput } from '../../editor/clean-input'
import type { EditorFeature } from '../../editor/extension'
import { ownSelection } from '../../editor/own-selection'
import { type ClipboardHost, clipboard } from '../clipboard/paste'
import { findInDocument } from '../find/find-panel'
import { links } from '../links/links'
import { markdownWriting } from '../markdown/markdown'
import { carets } from '../people/carets'
import { wordCount } from '../word-count/word-count'
import type { DocumentSession } from './document-session.svelte'

/** Returns the features of the editor of a document: a new one is a line here. */
export const editorFeatures = (
  session: DocumentSession,
  openLink: (url: string) => void,
  clipboardHost: ClipboardHost,
): readonly EditorFeature[] => [
  { extension: cleanInput },
  basicEditing,
  markdownWriting,
  findInDocument,
  carets,
  links(openLink),
  clipboard(clipboardHost),
  ownSelection((selection) => session.select(selection)),
  wordCount((words) => session.counted(words)),
]
