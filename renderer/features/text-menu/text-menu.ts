import { isolateHistory, redoDepth, selectAll, undoDepth } from '@codemirror/commands'
import { StateEffect, StateField } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { MenuChoice } from '../../../preload/contract/text-menu'
import type { EditorFeature } from '../../editor/extension'
import { linkAt } from '../links/links'
import { placeOfWord } from '../spelling/own-words'
import { hasOwnWord } from '../spelling/spelling'
import { tagAt } from '../tags/tags'
import { wikiLinkAt } from '../wiki-links/link-at'
import type { Target } from '../wiki-links/wiki-links.svelte'
import type { MenuHost, TextMenus } from './text-menus'

/** The place of a misspelled word with a menu, offsets in UTF-16 code units. */
type WordPlace = { readonly from: number; readonly to: number } | null

const setWord = StateEffect.define<WordPlace>()

/** The misspelled word with a menu: other people may write before it while the menu is open. */
const wordField = StateField.define<WordPlace>({
  create: () => null,
  update: (word, { changes, effects }) => {
    const set = effects.findLast((effect) => effect.is(setWord))
    if (set) return set.value
    return word && { from: changes.mapPos(word.from, 1), to: changes.mapPos(word.to, -1) }
  },
})

/** Services of the window that the menu of the text uses. */
export interface TextMenuOptions {
  readonly menus: TextMenus
  /** Adds a word to the person's own. */
  readonly addWord: (word: string) => void
  /** Opens an address outside Swarmpad. */
  readonly openLink: (address: string) => void
  /** Shows the document that a link leads to. */
  readonly openTitle: (link: Target, how: 'here' | 'tab') => void
  /** Shows the documents with a tag. */
  readonly showTag: (tag: string) => void
}

/** The misspelled word, the link and the tag at the place of a menu. */
interface Under {
  readonly word: string
  readonly link: string | null
  readonly target: Target | null
  readonly tag: string | null
}

/** The menu of the text: spelling, the link there, and editing. */
export const textMenu = (options: TextMenuOptions): EditorFeature => ({
  extension: wordField,
  attach(view) {
    const { menus } = options
    let under: Under = { word: '', link: null, target: null, tag: null }
    const host: MenuHost = {
      describe: (misspelled, pointer) => {
        const { state } = view
        const at = (pointer && view.posAtCoords(pointer)) ?? state.selection.main.head
        const place = wordAt(view, misspelled, at)
        const [link, target, tag] = [linkAt(state, at), wikiLinkAt(state, at), tagAt(state, at)]
        under = { word: misspelled, link, target, tag }
        view.dispatch({ effects: setWord.of(place) })
        return {
          isEditable: !state.readOnly,
          isSelected: !state.selection.main.empty,
          canUndo: undoDepth(state) > 0,
          canRedo: redoDepth(state) > 0,
          isMisspelled: place !== null,
          link,
          title: target && (target.target || target.heading),
          tag,
        }
      },
      choose: (choice) => carryOut(view, choice, under, options),
    }
    const ask = (event: MouseEvent): void => {
      if (!event.defaultPrevented) menus.ask(host, { x: event.clientX, y: event.clientY })
    }
    view.contentDOM.addEventListener('contextmenu', ask)
    return () => {
      view.contentDOM.removeEventListener('contextmenu', ask)
      menus.remove(host)
    }
  },
})

/** Carries out an entry of the menu; nothing for a link that is not there. */
function carryOut(
  view: EditorView,
  choice: MenuChoice,
  { word, link, target, tag }: Under,
  { addWord, openLink, openTitle, showTag }: TextMenuOptions,
): void {
  if (choice.kind === 'replace') replace(view, word, choice.by)
  else if (choice.kind === 'add-word') addWord(word)
  else if (choice.kind === 'select-all') selectAll(view)
  else if (choice.kind === 'show-tag' && tag !== null) showTag(tag)
  else if (choice.kind === 'open-document' && target) openTitle(target, choice.how)
  else if (choice.kind === 'open-link' && link !== null) openLink(link)
}

function wordAt({ state }: EditorView, misspelled: string, at: number): WordPlace {
  const line = state.doc.lineAt(at)
  const found = placeOfWord(line.text, misspelled, at - line.from)
  if (!found) return null
  const place = { from: line.from + found.from, to: line.from + found.to }
  return hasOwnWord(state, place.from, place.to) ? null : place
}

/** Replaces the word of the menu as one step of its own; does nothing if somebody else has changed it meanwhile. */
function replace(view: EditorView, word: string, by: string): void {
  const place = view.state.field(wordField)
  if (!place || view.state.readOnly || view.state.sliceDoc(place.from, place.to) !== word) return
  view.dispatch({
    changes: { ...place, insert: by },
    selection: { anchor: place.from + by.length },
    effects: setWord.of(null),
    annotations: isolateHistory.of('full'),
    userEvent: 'input.replace',
    scrollIntoView: true,
  })
  view.focus()
}
