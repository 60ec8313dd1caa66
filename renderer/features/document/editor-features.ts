import { basicEditing } from '../../editor/basic-editing'
import { cleanInput } from '../../editor/clean-input'
import type { EditorFeature } from '../../editor/extension'
import { ownSelection } from '../../editor/own-selection'
import { findInDocument } from '../find/find-panel'
import { focus } from '../focus/focus'
import { links } from '../links/links'
import { markdownWriting } from '../markdown/markdown'
import { carets } from '../people/carets'
import type { SettingsState } from '../settings/settings.svelte'
import { wordCount } from '../word-count/word-count'
import type { DocumentSession } from './document-session.svelte'

/** Returns the features of the editor of a document: a new one is a line here. */
export const editorFeatures = (
  session: DocumentSession,
  openLink: (url: string) => void,
  settings: SettingsState,
): readonly EditorFeature[] => [
  { extension: cleanInput },
  basicEditing,
  markdownWriting,
  findInDocument,
  carets,
  links(openLink),
  ownSelection((selection) => session.select(selection)),
  focus(settings),
  wordCount((counts) => session.counted(counts)),
]
