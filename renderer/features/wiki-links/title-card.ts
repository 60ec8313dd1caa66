import type { Extension } from '@codemirror/state'
import { closeHoverTooltips, type EditorView, hoverTooltip } from '@codemirror/view'
import type { WikiLink } from '../../../preload/text/markdown/wiki-link'
import { wikiLinkAt } from './link-at'
import type { WikiLinks } from './wiki-links.svelte'

/** How long the pointer rests on a link before its card shows, in ms. */
const hoverTime = 350

/** Shows a card at a link to a document: its title, and buttons that open or make it. */
export const titleCards = (links: WikiLinks): Extension =>
  hoverTooltip(
    (view, offset) => {
      const link = wikiLinkAt(view.state, offset)
      return (
        link && {
          pos: link.from,
          end: link.to,
          above: false,
          create: () => ({ dom: card(view, link, links) }),
        }
      )
    },
    { hoverTime },
  )

function card(view: EditorView, link: WikiLink, links: WikiLinks): HTMLElement {
  const found = links.find(link)
  const dom = document.createElement('div')
  dom.className = 'link-card'
  dom.setAttribute('role', 'group')
  dom.setAttribute('aria-label', 'Link to a document')
  const words = dom.appendChild(document.createElement('span'))
  words.className = found ? 'link-address' : 'link-note'
  words.textContent = found
    ? [found.document.title, found.heading].filter(Boolean).join(' › ')
    : `No document is called “${link.target}”.`
  const buttons = dom.appendChild(document.createElement('div'))
  buttons.className = 'link-buttons'
  const button = (label: string, run: () => void): void => {
    const element = buttons.appendChild(document.createElement('button'))
    element.type = 'button'
    element.textContent = label
    element.addEventListener('click', () => {
      view.dispatch({ effects: closeHoverTooltips })
      run()
    })
  }
  if (found) {
    button('Open', () => links.open(link))
    button('Open in a new tab', () => links.open(link, 'tab'))
  } else if (link.target !== '') button('Make it', () => links.make(link))
  return dom
}
