import type { Events } from '../../preload/contract/bridge'
import { SwarmpadError } from '../base/errors'
import type { CallHandlers, LinkHandlers } from './calls/handlers'

/** Maximum number of links that wait for the person's answer. */
const maxWaiting = 20

/** Request to a window to confirm a link. */
export type LinkOffer = Events['confirmLink']

interface Waiting<Window> {
  readonly link: string
  readonly offer: LinkOffer
  /** The window that asks; null while none does. */
  window: Window | null
}

/**
 * Links from outside that await the person's confirmation. A window receives only a number for each link.
 * 1. No link is used before it is accepted.
 * 2. One window at most asks about a link, and only that one can answer.
 */
export class LinkOffers<Window> {
  private readonly waiting = new Map<number, Waiting<Window>>()
  private count = 0

  /** Returns the unanswered offers of a window, in order of arrival; with null those that no window asks about. */
  askedIn(window: Window | null): LinkOffer[] {
    return [...this.waiting.values()].filter((one) => one.window === window).map(({ offer }) => offer)
  }

  /**
   * Adds a link for a window to ask about; a pending link keeps its number and its window, if it has one. Returns
   * the offer and the window that asks. Throws LINKS_WAITING if too many wait.
   */
  add(
    link: string,
    role: LinkOffer['role'],
    window: Window | null,
  ): { offer: LinkOffer; window: Window | null } {
    const same = [...this.waiting.values()].find((one) => one.link === link)
    if (same) {
      same.window ??= window
      return { offer: same.offer, window: same.window }
    }
    if (this.waiting.size >= maxWaiting) throw new SwarmpadError('LINKS_WAITING')
    const offer = { offer: ++this.count, role }
    this.waiting.set(offer.offer, { link, offer, window })
    return { offer, window }
  }

  /** Moves the unanswered offers of one window to another; null stands for no window. Returns these offers. */
  passOn(from: Window | null, to: Window | null): LinkOffer[] {
    const moved = this.askedIn(from)
    for (const one of this.waiting.values()) if (one.window === from) one.window = to
    return moved
  }

  /** Returns the handlers of a window's calls; `open` opens a link and resolves to its document. */
  handlers(window: Window, open: (link: string) => ReturnType<CallHandlers['openLink']>): LinkHandlers {
    const take = (number: number): Waiting<Window> | null => {
      const found = this.waiting.get(number)
      if (found?.window !== window) return null
      this.waiting.delete(number)
      return found
    }
    return {
      acceptLink: (number) => {
        const found = take(number)
        if (!found) throw new SwarmpadError('REQUEST_LATE', { of: 'link' })
        return open(found.link)
      },
      declineLink: (number) => {
        take(number)
        return null
      },
    }
  }
}
