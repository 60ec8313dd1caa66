import type { DocumentId } from '../../../preload/contract/ids'
import type { NetworkReport } from '../../../preload/contract/network'
import type { Api } from '../../api'
import { refusalOf } from '../../state/outcomes'

/** Reports on the network. */
export class NetworkState {
  private readonly api: Api

  constructor(api: Api) {
    this.api = api
  }

  /** Returns the network report with the people of a document; null if it is unavailable. */
  async report(id: DocumentId | null): Promise<NetworkReport | null> {
    const outcome = await this.api.call('networkReport', id)
    return outcome.ok ? outcome.value : null
  }

  /** Puts that on the clipboard as text; returns what went wrong, or null. */
  async copy(id: DocumentId | null): Promise<string | null> {
    return refusalOf(await this.api.call('copyNetworkReport', id))
  }
}
