import type { Profile } from '../../preload/contract/profile'
import { SwarmpadError } from '../base/errors'
import { fingerprint, type Identity } from '../keys/identity'
import { cleanName, isNameTooLong } from '../keys/name'
import { formatNode } from '../network/node-address'
import { type ProfileRecord, ProfileStore, type StoredProfile } from '../profile/profile-store'
import type { Vault } from '../profile/vault'

/** The person of a profile, with their settings. Getters throw CLOSED before `open`. */
export class Person {
  private readonly onChange: (profile: Profile) => void
  private storeOrNull: ProfileStore | null = null

  /** `onChange` is called after something that the window shows changed. */
  constructor(onChange: (profile: Profile) => void) {
    this.onChange = onChange
  }

  /** Reads the person's record as `ProfileStore.open` does; `name` is set if it is not empty. */
  async open(
    vault: Vault,
    { name, random, suspect }: { name: string; random: (size: number) => Buffer; suspect: boolean },
  ): Promise<void> {
    const store = new ProfileStore(vault)
    await store.open({ name: cleanName(name), random, suspect })
    this.storeOrNull = store
  }

  /** The record. */
  get record(): ProfileRecord {
    return this.store.record
  }

  /** True if the earlier person could not be read, and this is someone new. */
  get isLost(): boolean {
    return this.store.isLost
  }

  /** True if no person uses this profile yet. */
  get isNew(): boolean {
    return this.record.name === ''
  }

  /** This person, as others see them. */
  get self(): { name: string; identity: Identity } {
    const { name, identity } = this.record
    return { name, identity }
  }

  /** This person and the settings, for the window. */
  profile(): Profile {
    const { name, identity, knowsAddressIsSeen, offline, network } = this.record
    return {
      name,
      fingerprint: fingerprint(identity.publicKey),
      knowsAddressIsSeen,
      offline,
      network: { ...network, bootstrap: network.bootstrap.map(formatNode), relays: [...network.relays] },
    }
  }

  /** Returns the record with the secret of the identity, for a backup or another computer of the same person. */
  stored(): StoredProfile {
    return this.store.stored()
  }

  /** Returns true if a stored record is of this person. Throws STORE_DAMAGED for one of another form. */
  isSelf(record: unknown): boolean {
    return this.store.isSelf(record)
  }

  /** Changes the record at once; durable when it resolves. Rejects with STORE_WRITE_FAILED. */
  change(changed: Partial<ProfileRecord>): Promise<void> {
    return this.store.change({ ...this.record, ...changed })
  }

  /** Sets the name that others see. Rejects with NAME_EMPTY for one without letters, or NAME_TOO_LONG. */
  async setName(name: string): Promise<Profile> {
    const clean = cleanName(name)
    if (!clean) throw new SwarmpadError('NAME_EMPTY')
    if (isNameTooLong(name)) throw new SwarmpadError('NAME_TOO_LONG')
    await this.change({ name: clean })
    return this.changed()
  }

  /** Notes that the person has seen who can see their address. */
  async acknowledgeAddress(): Promise<Profile> {
    await this.change({ knowsAddressIsSeen: true })
    return this.changed()
  }

  /** Becomes the person of a record as `ProfileStore.become` does. */
  async become(record: unknown): Promise<void> {
    await this.store.become(record)
    this.changed()
  }

  /** Reports the profile as it is now, and returns it. */
  changed(): Profile {
    const profile = this.profile()
    this.onChange(profile)
    return profile
  }

  private get store(): ProfileStore {
    if (!this.storeOrNull) throw new SwarmpadError('CLOSED')
    return this.storeOrNull
  }
}
