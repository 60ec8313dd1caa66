import * as v from 'valibot'
import type { DocumentId } from '../../preload/contract/ids'
import { fromHex } from '../base/hex'
import type { Vault } from '../profile/vault'

/** Sites of a document that are kept; the first are forgotten. */
const maxSites = 100

const shape = v.array(v.pipe(v.string(), v.maxLength(300)))

/** Sites that a person allowed for a document: its links to them are opened without a question. Sealed on the disk. */
export class AllowedSites {
  private readonly vault: Vault

  /** Does no I/O. */
  constructor(vault: Vault) {
    this.vault = vault
  }

  /** Resolves to true if links of a document to a site (an origin) need no question. */
  async has(document: DocumentId, site: string): Promise<boolean> {
    return (await this.of(document)).includes(site)
  }

  /** Notes that a person opened a site from a document; durable when it resolves. Rejects with STORE_WRITE_FAILED. */
  async add(document: DocumentId, site: string): Promise<void> {
    const others = (await this.of(document)).filter((other) => other !== site)
    await this.vault.write('sites', fromHex(document), [...others, site].slice(-maxSites))
  }

  private async of(document: DocumentId): Promise<readonly string[]> {
    const { record } = await this.vault.find('sites', fromHex(document))
    const result = v.safeParse(shape, record)
    return result.success ? result.output : []
  }
}
