import type { Outcome } from '../../../preload/contract/bridge'
import type { DocumentId } from '../../../preload/contract/ids'
import type { NetworkChoice } from '../../../preload/contract/network'
import type { Profile } from '../../../preload/contract/profile'
import type { Api } from '../../api'
import { refusalOf, valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'

/** This person and the settings of the profile. */
export class PersonState {
  /** Null until it is known. */
  profile = $state.raw<Profile | null>(null)
  /** The document that welcomes a new person, as long as it offers to bring in more. */
  welcome = $state<DocumentId | null>(null)

  private readonly api: Api
  private readonly toasts: Toasts

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
  }

  /** Listens from then on; the result stops listening. */
  start(): () => void {
    return this.api.on('profile', (profile) => (this.profile = profile))
  }

  /** Reads the profile; returns why it cannot be read, or null. */
  async read(): Promise<string | null> {
    const outcome = await this.api.call('profile')
    if (outcome.ok) this.profile = outcome.value
    return refusalOf(outcome)
  }

  /** Sets this person's name; returns what is wrong with it, or null. */
  async setName(name: string): Promise<string | null> {
    return this.set(await this.api.call('setName', name.trim()))
  }

  /** Makes the document that welcomes a new person; null without one. */
  async begin(): Promise<DocumentId | null> {
    const made = valueOrToast(await this.api.call('welcome'), this.toasts)
    this.welcome = made?.value.id ?? null
    return this.welcome
  }

  /** Uses the network in another way; returns what is wrong with it, or null. */
  async setNetwork(network: NetworkChoice): Promise<string | null> {
    return this.set(await this.api.call('setNetwork', $state.snapshot(network)))
  }

  /** Records that this person was informed that others see their IP address. */
  async acknowledgeAddress(): Promise<void> {
    if (!this.profile?.knowsAddressIsSeen) this.take(await this.api.call('acknowledgeAddress'))
  }

  /** Goes off the network or back on it. */
  async setOffline(offline: boolean): Promise<void> {
    this.take(await this.api.call('setOffline', offline))
  }

  private set(outcome: Outcome<Profile>): string | null {
    if (outcome.ok) this.profile = outcome.value
    return refusalOf(outcome)
  }

  private take(outcome: Outcome<Profile>): void {
    const taken = valueOrToast(outcome, this.toasts)
    if (taken) this.profile = taken.value
  }
}
