import type { EditorState } from '@codemirror/state'
import type { EditorFeature } from '../../editor/extension'
import { chips, lookAgain } from './chips'
import { titleCompletion } from './completion'
import { wikiLinkAt } from './link-at'
import { titleCards } from './title-card'
import type { WikiLinks } from './wiki-links.svelte'

/** Links between documents in the text: `[[Title]]` shown by its words, completed while it is written, with a card. */
export const wikiLinksInText = (links: WikiLinks): EditorFeature => ({
  extension: [titleCompletion(links), chips(links), titleCards(links)],
  attach: (view) => links.watch(() => lookAgain(view)),
})

/** Opens the link to a document at an offset; false without one. */
export function followTitle(links: WikiLinks, state: EditorState, offset: number): boolean {
  const link = wikiLinkAt(state, offset)
  if (link) links.open(link)
  return link !== null
}
