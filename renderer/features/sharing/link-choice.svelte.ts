import type { Outcome } from '../../../preload/contract/bridge'
import type { DocumentId } from '../../../preload/contract/ids'
import type { FoundLink } from '../../../preload/contract/sharing'
import type { Api } from '../../api'

/** A text with several links, of which the person opens one. */
export class LinkChoice {
  private text = ''
  /** The links to choose from, in their order in the text; none while nothing is to be chosen. */
  links = $state.raw<readonly FoundLink[]>([])

  private readonly api: Api

  constructor(api: Api) {
    this.api = api
  }

  /** Finds the links in a text. */
  async look(text: string): Promise<Outcome<FoundLink[]>> {
    const outcome = await this.api.call('linksIn', text)
    this.text = text
    this.links = outcome.ok ? outcome.value : []
    return outcome
  }

  /** Opens the link at a place in the list. */
  take(place: number): Promise<Outcome<{ id: DocumentId }>> {
    return this.api.call('openOneOf', this.text, place)
  }

  /** Forgets the text and its links. */
  clear(): void {
    this.text = ''
    this.links = []
  }
}
