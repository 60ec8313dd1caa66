import { basicEditing } from '../../editor/basic-editing'
import { cleanInput } from '../../editor/clean-input'
import type { EditorFeature } from '../../editor/extension'
import { notices } from '../../editor/notices'
import { ownSelection } from '../../editor/own-selection'
import { callouts } from '../callouts/callouts'
import { type ClipboardHost, clipboard } from '../clipboard/paste'
import { code } from '../code/code'
import { findInDocument } from '../find/find-panel'
import { focus } from '../focus/focus'
import { folding } from '../folding/folding'
import { footnotes } from '../footnotes/footnotes'
import { formatting } from '../format/format'
import { frontMatter } from '../front-matter/front-matter'
import { links } from '../links/links'
import { lists } from '../lists/lists'
import { liveMarkdown } from '../live/live'
import { markdownWriting } from '../markdown/markdown'
import { math } from '../math/math'
import { outline } from '../outline/outline.svelte'
import { carets } from '../people/carets'
import { placeReports } from '../place/place'
import { selectionBar } from '../selection-bar/selection-bar'
import type { SettingsState } from '../settings/settings.svelte'
import { severalCarets } from '../several-carets/several-carets'
import { spellingMarks } from '../spelling/spelling'
import type { SpellingState } from '../spelling/spelling.svelte'
import { tables } from '../tables/tables'
import { textMenu } from '../text-menu/text-menu'
import type { TextMenus } from '../text-menu/text-menus'
import { wordCount } from '../word-count/word-count'
import type { DocumentSession } from './document-session.svelte'

/** Returns the features of the editor of a document: a new one is a line here. */
export const editorFeatures = (
  session: DocumentSession,
  openLink: (url: string) => void,
  settings: SettingsState,
  spelling: SpellingState,
  menus: TextMenus,
  clipboardHost: ClipboardHost,
): readonly EditorFeature[] => [
  { extension: [cleanInput, notices.of(clipboardHost.tell)] },
  basicEditing,
  markdownWriting,
  liveMarkdown,
  tables(openLink),
  code,
  math,
  footnotes,
  callouts,
  frontMatter,
  lists,
  formatting,
  severalCarets,
  selectionBar(settings),
  findInDocument,
  carets,
  folding,
  links(openLink),
  clipboard(clipboardHost),
  spellingMarks(spelling),
  textMenu({ menus, addWord: (word) => void spelling.add(word), openLink }),
  ownSelection((selection) => session.select(selection)),
  outline(() => session.outline),
  placeReports((place) => session.note(place)),
  focus(settings),
  wordCount((counts) => session.counted(counts)),
]
