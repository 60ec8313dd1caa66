import type { Events, Outcome } from '../../../preload/contract/bridge'
import type { DocumentId } from '../../../preload/contract/ids'
import type { Api } from '../../api'

/** Links from outside that the person is asked about, one after the other. */
export class LinkOffers {
  private waiting = $state.raw<readonly Events['confirmLink'][]>([])
  private readonly api: Api
  /** The one to ask about now. */
  readonly current: Events['confirmLink'] | null = $derived(this.waiting[0] ?? null)

  constructor(api: Api) {
    this.api = api
  }

  /** Listens; the result stops listening. */
  start(): () => void {
    return this.api.on('confirmLink', (offer) => {
      const isAsked = this.waiting.some((one) => one.offer === offer.offer)
      if (!isAsked) this.waiting = [...this.waiting, offer]
    })
  }

  /** Opens the document; null for an offer that has its answer. */
  async accept(offer: number): Promise<Outcome<{ id: DocumentId }> | null> {
    return this.take(offer) ? this.api.call('acceptLink', offer) : null
  }

  /** Leaves it; does nothing for an offer that has its answer. */
  async decline(offer: number): Promise<void> {
    if (this.take(offer)) await this.api.call('declineLink', offer)
  }

  private take(offer: number): boolean {
    const left = this.waiting.filter((one) => one.offer !== offer)
    const found = left.length < this.waiting.length
    this.waiting = left
    return found
  }
}
