import { defaultSettings, type Settings, textSizes } from '../../../preload/contract/settings'
import { Emitter } from '../../../preload/emitter'
import type { Api } from '../../api'
import type { Toasts } from '../toasts/toasts.svelte'

/** How this person likes their windows: the same in all of them. */
export class SettingsState {
  private current = $state.raw<Settings>(defaultSettings)
  private readonly api: Api
  private readonly toasts: Toasts
  private readonly emitter = new Emitter<{ changed: Settings }>()

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
  }

  /** The settings; the defaults until the profile was read. */
  get value(): Settings {
    return this.current
  }

  /** Calls the listener now and after each change; returns a function that ends this. */
  watch(listener: (settings: Settings) => void): () => void {
    listener(this.current)
    return this.emitter.on('changed', listener)
  }

  /** Reads the settings, and listens from then on; the result stops listening. */
  start(): () => void {
    let heard = false
    const stop = this.api.on('settings', (settings) => {
      heard = true
      this.take(settings)
    })
    void this.api.call('settings').then((outcome) => {
      // An event received before the answer is newer than the answer.
      if (outcome.ok && !heard) this.take(outcome.value)
    })
    return stop
  }

  /** Changes some settings at once, and keeps them; a toast reports when they cannot be kept. */
  async change(changed: Partial<Settings>): Promise<void> {
    this.take({ ...this.current, ...changed })
    const outcome = await this.api.call('setSettings', this.current)
    if (!outcome.ok) this.toasts.fail(outcome.message)
  }

  /** Makes the text larger or smaller by so many px, as far as it goes. */
  async resize(by: number): Promise<void> {
    const size = Math.max(textSizes.least, Math.min(this.current.size + by, textSizes.most))
    if (size !== this.current.size) await this.change({ size })
  }

  private take(settings: Settings): void {
    this.current = settings
    this.emitter.emit('changed', settings)
  }
}
