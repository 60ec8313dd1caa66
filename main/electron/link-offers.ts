import type { Events } from '../../preload/contract/bridge'
import { SwarmpadError } from '../base/errors'
import type { CallHandlers, LinkHandlers } from './calls/handlers'

/** Maximum number of links that wait for the person's answer. */
const maxWaiting = 20

/** Request to the window to confirm a link. */
export type LinkOffer = Events['confirmLink']

/**
 * Links from outside that await the person's confirmation. The window receives only a number for each link.
 * No link is used before it is accepted.
 */
export class LinkOffers {
  private readonly waiting = new Map<number, { readonly link: string; readonly offer: LinkOffer }>()
  private count = 0

  /** Unanswered offers, in order of arrival. */
  get all(): LinkOffer[] {
    return [...this.waiting.values()].map(({ offer }) => offer)
  }

  /** Adds a link and returns its offer; a pending link keeps its number. Throws LINKS_WAITING if too many wait. */
  add(link: string, role: LinkOffer['role']): LinkOffer {
    const same = [...this.waiting.values()].find((one) => one.link === link)
    if (same) return same.offer
    if (this.waiting.size >= maxWaiting) throw new SwarmpadError('LINKS_WAITING')
    const offer = { offer: ++this.count, role }
    this.waiting.set(offer.offer, { link, offer })
    return offer
  }

  /** Returns the handlers of the window's calls; `open` opens a link and resolves to its document. */
  handlers(open: (link: string) => ReturnType<CallHandlers['openLink']>): LinkHandlers {
    return {
      acceptLink: (number) => {
        const found = this.waiting.get(number)
        if (!found) throw new SwarmpadError('REQUEST_LATE', { of: 'link' })
        this.waiting.delete(number)
        return open(found.link)
      },
      declineLink: (number) => {
        this.waiting.delete(number)
        return null
      },
    }
  }
}
