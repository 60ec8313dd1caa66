import type { DocumentId } from '../../preload/contract/ids'
import { siteOf } from './external-address'

/** Sites that a person allowed for a document, as long as the program runs. */
export class AllowedSites {
  private readonly sites = new Map<DocumentId, Set<string>>()

  /** Returns true if links of a document to the site of an address need no question. */
  has(document: DocumentId, address: string): boolean {
    const site = siteOf(address)
    return site !== null && (this.sites.get(document)?.has(site) ?? false)
  }

  /** Notes that a person opened an address from a document. */
  add(document: DocumentId, address: string): void {
    const site = siteOf(address)
    if (site === null) return
    const sites = this.sites.get(document) ?? new Set()
    this.sites.set(document, sites.add(site))
  }
}
