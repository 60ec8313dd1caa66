import type { EditorState } from '@codemirror/state'
import { basicEditing } from '../../editor/basic-editing'
import { cleanInput } from '../../editor/clean-input'
import type { EditorFeature } from '../../editor/extension'
import { notices } from '../../editor/notices'
import { ownSelection } from '../../editor/own-selection'
import type { AppState } from '../../state/app-state.svelte'
import { callouts } from '../callouts/callouts'
import { clipboard } from '../clipboard/paste'
import { code } from '../code/code'
import { findInDocument } from '../find/find-panel'
import { focus } from '../focus/focus'
import { folding } from '../folding/folding'
import { followNote, footnotes } from '../footnotes/footnotes'
import { formatting } from '../format/format'
import { frontMatter } from '../front-matter/front-matter'
import { links } from '../links/links'
import { lists } from '../lists/lists'
import { liveMarkdown } from '../live/live'
import { markdownWriting } from '../markdown/markdown'
import { math } from '../math/math'
import { outline } from '../outline/outline.svelte'
import { carets } from '../people/carets'
import { followCarets } from '../people/following.svelte'
import { joinNotices } from '../people/joined'
import { placeReports } from '../place/place'
import { selectionBar } from '../selection-bar/selection-bar'
import { severalCarets } from '../several-carets/several-carets'
import { spellingMarks } from '../spelling/spelling'
import { tables } from '../tables/tables'
import { tagAt, tags } from '../tags/tags'
import { textMenu } from '../text-menu/text-menu'
import { documentLinks } from '../wiki-links/document-links.svelte'
import { followTitle, wikiLinksInText } from '../wiki-links/editor-links'
import { wordCount } from '../word-count/word-count'
import type { DocumentSession } from './document-session.svelte'

/** State and services of the window that features of the editor use. */
export type EditorServices = Pick<
  AppState,
  'settings' | 'spelling' | 'textMenus' | 'files' | 'toasts' | 'document' | 'wikiLinks' | 'showTagged'
>

/** Returns the features of the editor of a document: a new one is a line here. */
export function editorFeatures(session: DocumentSession, services: EditorServices): readonly EditorFeature[] {
  const { settings, spelling, textMenus: menus, files, toasts, document, wikiLinks } = services
  const showTag = (tag: string) => services.showTagged(tag)
  const followTag = (state: EditorState, offset: number): boolean => {
    const tag = tagAt(state, offset)
    if (tag !== null) showTag(tag)
    return tag !== null
  }
  const openLink = (url: string) => void document.openExternal(session.id, url)
  const tell = (message: string) => toasts.tell(message)
  return [
    { extension: [cleanInput, notices.of(tell)] },
    basicEditing,
    markdownWriting,
    liveMarkdown(settings),
    // Before what has another use for the keys of its list.
    wikiLinksInText(wikiLinks),
    tables(openLink, (target) => wikiLinks.open(target)),
    code,
    math,
    footnotes,
    callouts,
    frontMatter,
    lists,
    formatting,
    severalCarets,
    selectionBar(settings),
    findInDocument(() => session.asks),
    carets,
    followCarets(() => session.following),
    joinNotices(tell),
    folding,
    tags,
    links(
      openLink,
      (view, offset) =>
        followTitle(wikiLinks, view.state, offset) ||
        followTag(view.state, offset) ||
        followNote(view, offset),
    ),
    clipboard({
      openFiles: (given) => void files.open(given),
      readFiles: (given) => files.read(given),
      tell,
    }),
    spellingMarks(spelling),
    textMenu({
      menus,
      addWord: (word) => void spelling.add(word),
      openLink,
      openTitle: (target, how) => wikiLinks.open(target, how),
      showTag,
    }),
    ownSelection((selection) => session.select(selection)),
    outline(() => session.outline),
    documentLinks(() => session.links),
    placeReports((place) => session.note(place)),
    focus(settings),
    wordCount((counts) => session.counted(counts)),
  ]
}
