import { defaultSettings, type Settings } from '../../../preload/contract/settings'
import type { Api } from '../../api'
import type { Toasts } from '../toasts/toasts.svelte'

/** How this person likes their windows: the same in all of them. */
export class SettingsState {
  /** The defaults until the profile was read. */
  value = $state.raw<Settings>(defaultSettings)

  private readonly api: Api
  private readonly toasts: Toasts

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
  }

  /** Reads the settings, and listens from then on; the result stops listening. */
  start(): () => void {
    let heard = false
    const stop = this.api.on('settings', (settings) => {
      heard = true
      this.value = settings
    })
    void this.api.call('settings').then((outcome) => {
      // An event received before the answer is newer than the answer.
      if (outcome.ok && !heard) this.value = outcome.value
    })
    return stop
  }

  /** Changes some settings at once, and keeps them; a toast reports when they cannot be kept. */
  async change(changed: Partial<Settings>): Promise<void> {
    this.value = { ...this.value, ...changed }
    const outcome = await this.api.call('setSettings', $state.snapshot(this.value) as Settings)
    if (!outcome.ok) this.toasts.fail(outcome.message)
  }
}
