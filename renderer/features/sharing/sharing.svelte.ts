import type { Outcome } from '../../../preload/contract/bridge'
import type { DocumentId, LinkKind } from '../../../preload/contract/ids'
import { maxLink } from '../../../preload/contract/shapes'
import type { Writer } from '../../../preload/contract/sharing'
import type { Api } from '../../api'
import { refusalOf, valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'
import { LinkChoice } from './link-choice.svelte'
import { LinkOffers } from './link-offers.svelte'

/** Opening links, giving links, and replacing them. */
export class SharingState {
  readonly offers: LinkOffers
  readonly choice: LinkChoice
  private readonly api: Api
  private readonly toasts: Toasts
  private readonly host: SharingHost

  constructor(api: Api, toasts: Toasts, host: SharingHost) {
    this.api = api
    this.toasts = toasts
    this.host = host
    this.offers = new LinkOffers(api)
    this.choice = new LinkChoice(api)
  }

  /**
   * Opens the link in a text, whatever else is in it; of several, asks which. Returns what is wrong in plain words, or
   * null.
   */
  async open(given: string): Promise<string | null> {
    const text = given.trim()
    const outcome = await this.api.call('openLink', text)
    if (outcome.ok) this.opened(outcome.value.id)
    else if (outcome.code === 'LINK_SEVERAL') {
      const found = await this.choice.look(text)
      if (found.ok) this.host.chooseLink()
      return refusalOf(found)
    }
    return refusalOf(outcome)
  }

  /** Opens one of the links that the person was asked about; returns what is wrong, or null. */
  async choose(place: number): Promise<string | null> {
    const outcome = await this.choice.take(place)
    if (outcome.ok) {
      this.choice.clear()
      this.opened(outcome.value.id)
    }
    return refusalOf(outcome)
  }

  /** Opens the link in a text that was dropped; a text without one is ignored. */
  async openDropped(text: string): Promise<void> {
    if (text.length > maxLink) return
    const found = await this.api.call('linksIn', text)
    if (!found.ok && found.code === 'LINK_UNKNOWN') return
    const problem = await this.open(text)
    if (problem !== null) this.toasts.fail(problem)
  }

  /** Opens a link from outside that the person was asked about. */
  async accept(offer: number): Promise<void> {
    const outcome = await this.offers.accept(offer)
    const opened = outcome && valueOrToast(outcome, this.toasts)
    if (opened) this.opened(opened.value.id)
  }

  /** Puts a link to a document on the clipboard; returns what went wrong, or null. */
  async copyLink(id: DocumentId, kind: LinkKind): Promise<string | null> {
    const outcome = await this.api.call('copyLink', id, kind)
    if (outcome.ok) this.host.acknowledgeAddress()
    return refusalOf(outcome)
  }

  /** Puts a link to a document on the clipboard, and says what it allows. */
  async copyLinkAndTell(id: DocumentId, kind: 'read' | 'write'): Promise<void> {
    const problem = await this.copyLink(id, kind)
    if (problem !== null) this.toasts.fail(problem)
    else
      this.toasts.tell(
        `The link was copied. Whoever has it can ${kind === 'read' ? 'read' : 'read and write'}.`,
      )
  }

  /** Returns the people who can receive the link of a document that replaces this one. */
  writers(id: DocumentId): Promise<Outcome<Writer[]>> {
    return this.api.call('writers', id)
  }

  /** Replaces the links of a document, and shows the new one; returns the error, or null. */
  async replaceLinks(id: DocumentId, writers: string[], keep: boolean): Promise<string | null> {
    const outcome = await this.api.call('replaceLinks', id, writers, keep)
    if (outcome.ok) this.host.replaced(outcome.value.id)
    return refusalOf(outcome)
  }

  /** Opens a document that took the place of another. */
  async openSuccessor(id: DocumentId, key: string): Promise<void> {
    const opened = valueOrToast(await this.api.call('openSuccessor', id, key), this.toasts)
    if (opened) this.host.show(opened.value.id)
  }

  private opened(id: DocumentId): void {
    this.host.acknowledgeAddress()
    this.host.opened(id)
  }
}

/** The window around sharing. */
export interface SharingHost {
  show(id: DocumentId): void
  /** A link was opened. */
  opened(id: DocumentId): void
  /** A text has several links: ask which is meant. */
  chooseLink(): void
  /** A document has new links. */
  replaced(id: DocumentId): void
  /** The person saw the note on who sees their address. */
  acknowledgeAddress(): void
}
