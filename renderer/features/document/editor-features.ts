import { basicEditing } from '../../editor/basic-editing'
import { cleanInput } from '../../editor/clean-input'
import type { EditorFeature } from '../../editor/extension'
import { ownSelection } from '../../editor/own-selection'
import { findInDocument } from '../find/find-panel'
import { folding } from '../folding/folding'
import { links } from '../links/links'
import { markdownWriting } from '../markdown/markdown'
import { outline } from '../outline/outline.svelte'
import { carets } from '../people/carets'
import { placeReports } from '../place/place'
import { wordCount } from '../word-count/word-count'
import type { DocumentSession } from './document-session.svelte'

/** Returns the features of the editor of a document: a new one is a line here. */
export const editorFeatures = (
  session: DocumentSession,
  openLink: (url: string) => void,
): readonly EditorFeature[] => [
  { extension: cleanInput },
  basicEditing,
  markdownWriting,
  findInDocument,
  carets,
  folding,
  links(openLink),
  ownSelection((selection) => session.select(selection)),
  outline(() => session.outline),
  placeReports((place) => session.note(place)),
  wordCount((words) => session.counted(words)),
]
