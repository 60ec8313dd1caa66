import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { type Identity, identityFromSeed } from '../keys/identity'
import { cleanName } from '../keys/name'
import type { NetworkSettings } from '../network/network'
import type { Vault } from './vault'

/** Data that a profile holds about its person. */
export interface ProfileRecord {
  /** '' until the person has chosen one. */
  readonly name: string
  readonly identity: Identity
  readonly knowsAddressIsSeen: boolean
  /** The person chose to work offline. */
  readonly offline: boolean
  /** Bytes that others' edits may take in all documents together; null for the default. */
  readonly quota: number | null
  readonly network: NetworkSettings
  /** True if this person uses other computers too, which exchange their libraries. */
  readonly hasDevices: boolean
  /** Seed of the keys that sign this computer's receipts, 32 bytes. Never leaves this computer. */
  readonly holderSeed: Uint8Array
}

/** Default network settings. */
const defaultNetwork: NetworkSettings = { lan: true, bootstrap: [], relays: [] }

/** The record as it is stored. */
export interface StoredProfile
  extends Omit<ProfileRecord, 'identity' | 'quota' | 'network' | 'hasDevices' | 'holderSeed'> {
  /** Absent from older records. */
  readonly quota?: number | null
  readonly hasDevices?: boolean
  readonly network?: Omit<NetworkSettings, 'relays'> & Partial<Pick<NetworkSettings, 'relays'>>
  /** Seed of the author key, hex. */
  readonly seed: string
  /** Hex; absent from older records and from those in backups. */
  readonly holderSeed?: string
}

const profileId = new Uint8Array(0)
const seedSize = 32

/** The one profile record of a workspace, made with a new author key at first use. */
export class ProfileStore {
  private readonly vault: Vault
  private seed: Buffer = Buffer.alloc(0)
  private current: ProfileRecord | null = null
  private lost = false

  constructor(vault: Vault) {
    this.vault = vault
  }

  /**
   * Reads the record, or makes one. Also replaces a damaged or lost record if documents prove that the vault's key
   * fits, or if the store is `suspect`. Rejects with STORE_DAMAGED.
   */
  async open(options: { name: string; random: (size: number) => Buffer; suspect: boolean }): Promise<void> {
    const stored = await this.read(options.suspect)
    this.seed = stored ? fromHex(stored.seed) : options.random(seedSize)
    const identity = identityFromSeed(this.seed)
    const holderSeed = stored?.holderSeed ? fromHex(stored.holderSeed) : options.random(seedSize)
    if (stored) {
      const { knowsAddressIsSeen, offline, quota = null, hasDevices = false } = stored
      const network = { ...defaultNetwork, ...stored.network }
      const settings = { knowsAddressIsSeen, offline, quota, network, hasDevices, holderSeed }
      this.current = { name: options.name || stored.name, identity, ...settings }
      // Without it this computer would sign as another one at each start. A full disk does not prevent opening.
      if (!stored.holderSeed) await this.change(this.current).catch(() => undefined)
    } else {
      const settings = {
        knowsAddressIsSeen: false,
        offline: false,
        quota: null,
        network: defaultNetwork,
        hasDevices: false,
        holderSeed,
      }
      await this.change({ name: options.name, identity, ...settings })
    }
  }

  /** True if the stored person was lost and a new one was made. */
  get isLost(): boolean {
    return this.lost
  }

  private async read(suspect: boolean): Promise<StoredProfile | null> {
    const { record, isUnreadable } = await this.vault.find('profile', profileId)
    if (record !== null) return readProfile(record)
    const { records, damaged } = await this.vault.all('document')
    const fits = records.size > 0
    // Sealed with another key, like all other records: it must not be replaced.
    if (!fits && (isUnreadable || (damaged > 0 && !suspect)))
      return readProfile(await this.vault.read('profile', profileId))
    this.lost = isUnreadable || fits || suspect
    if (isUnreadable) await this.vault.setAside('profile', profileId)
    return null
  }

  /** The record. Throws CLOSED before `open`. */
  get record(): ProfileRecord {
    if (!this.current) throw new SwarmpadError('CLOSED')
    return this.current
  }

  /** Changes the record; durable when it resolves. */
  async change(record: ProfileRecord): Promise<void> {
    this.current = record
    const stored: StoredProfile = { ...this.stored(), holderSeed: hex(record.holderSeed) }
    await this.vault.write('profile', profileId, stored)
  }

  /** Returns the record with the identity's secret, for a backup or another computer of the same person. */
  stored(): StoredProfile {
    const { identity: _identity, holderSeed: _holderSeed, ...rest } = this.record
    return { ...rest, seed: hex(this.seed) }
  }

  /**
   * Takes over the person of a record that `stored` returned elsewhere; keeps the network settings. Durable when it
   * resolves. Rejects with STORE_DAMAGED for a record of another form.
   */
  async become(record: unknown): Promise<void> {
    const { name, seed, quota = null, knowsAddressIsSeen, hasDevices = false } = readProfile(record)
    const [seedBefore, before] = [this.seed, this.record]
    this.seed = fromHex(seed)
    try {
      const identity = identityFromSeed(this.seed)
      const settings = { quota, knowsAddressIsSeen, hasDevices }
      await this.change({ ...before, name: cleanName(name), identity, ...settings })
    } catch (error) {
      this.seed = seedBefore
      this.current = before
      throw error
    }
  }

  /** True if a record is of the same person. Throws STORE_DAMAGED for one of another form. */
  isSelf(record: unknown): boolean {
    return readProfile(record).seed === hex(this.seed)
  }
}

/** Returns a checked record. Throws STORE_DAMAGED for one of another form. */
function readProfile(record: unknown): StoredProfile {
  const { name, knowsAddressIsSeen, offline, quota, network, seed, hasDevices, holderSeed } = (
    typeof record === 'object' && record ? record : {}
  ) as Partial<Record<keyof StoredProfile, unknown>>
  const isSound =
    typeof name === 'string' &&
    [knowsAddressIsSeen, offline].every((flag) => typeof flag === 'boolean') &&
    ((quota ?? null) === null || typeof quota === 'number') &&
    (hasDevices === undefined || typeof hasDevices === 'boolean') &&
    (network === undefined || isNetwork(network)) &&
    isSeed(seed) &&
    (holderSeed === undefined || isSeed(holderSeed))
  if (!isSound) throw new SwarmpadError('STORE_DAMAGED', { part: 'person' })
  return record as StoredProfile
}

const isSeed = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

function isNetwork(value: unknown): value is NetworkSettings {
  const {
    lan,
    bootstrap,
    relays = [],
  } = (typeof value === 'object' && value ? value : {}) as {
    lan?: unknown
    bootstrap?: unknown
    relays?: unknown
  }
  return (
    typeof lan === 'boolean' &&
    Array.isArray(bootstrap) &&
    Array.isArray(relays) &&
    relays.every((key) => typeof key === 'string' && /^[0-9a-f]{64}$/.test(key)) &&
    bootstrap.every(
      (node: { host?: unknown; port?: unknown } | null) =>
        typeof node?.host === 'string' && typeof node.port === 'number',
    )
  )
}
