import * as v from 'valibot'
import { address, call, event, flag, text } from './shapes'

/** Facts of the text at the place of its menu. */
const menuPlace = v.object({
  isEditable: flag,
  isSelected: flag,
  canUndo: flag,
  canRedo: flag,
  /** The misspelled word is at this place and is not one of the person's own words. */
  isMisspelled: flag,
  /** The address of the link there. */
  link: v.nullable(address),
  /** Title or heading that a link to a document there leads to. */
  title: v.nullable(text),
  /** The tag there, without its number sign. */
  tag: v.nullable(text),
})

/** Facts of the text at the place of its menu. */
export type MenuPlace = v.InferOutput<typeof menuPlace>

/** An entry of the menu that the window carries out. */
export type MenuChoice =
  | { readonly kind: 'replace'; readonly by: string }
  | { readonly kind: 'add-word' }
  | { readonly kind: 'open-link' }
  | { readonly kind: 'open-document'; readonly how: 'here' | 'tab' }
  | { readonly kind: 'show-tag' }
  | { readonly kind: 'select-all' }

/** Calls about the menu of the text. */
export const textMenuCalls = {
  /** Answers `textMenuAsked`; null where there is no text of a document. */
  showTextMenu: call(v.nullable(menuPlace)).returns<null>(),
}

/** Events about the menu of the text. */
export const textMenuEvents = {
  /** The person asks for the menu, at the caret (`byKeyboard`) or at the pointer. */
  textMenuAsked: event<{ readonly misspelled: string; readonly byKeyboard: boolean }>(),
  textMenuChosen: event<MenuChoice>(),
}
