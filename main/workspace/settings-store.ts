import * as v from 'valibot'
import {
  defaultSettings,
  type Settings,
  type SpellingLanguage,
  settingsShape,
} from '../../preload/contract/settings'
import { SwarmpadError } from '../base/errors'
import type { Vault } from '../profile/vault'

/** Options of `SettingsStore`. */
export interface SettingsStoreOptions {
  /** Languages whose spelling is checked as long as the person has chosen none. */
  readonly languages: readonly SpellingLanguage[]
  /** Receives the settings after each change. */
  readonly onChange: (settings: Settings) => void
}

const settingsId = new Uint8Array(0)

/** The one record of settings of a profile. They stay on this computer: no backup or pairing carries them. */
export class SettingsStore {
  private readonly options: SettingsStoreOptions
  private vault: Vault | null = null
  private current: Settings

  constructor(options: SettingsStoreOptions) {
    this.options = options
    this.current = { ...defaultSettings, spelling: options.languages }
  }

  /** Reads the record. A setting that is missing, damaged or unknown here has its default. */
  async open(vault: Vault): Promise<void> {
    this.vault = vault
    // Those who need the store's other records report that it cannot be read.
    const found = await vault.find('settings', settingsId).catch(() => null)
    this.current = readSettings(found?.record, this.current)
  }

  /** The settings; the defaults before `open`. */
  get value(): Settings {
    return this.current
  }

  /** Changes the settings at once; durable when it resolves. Rejects with CLOSED or STORE_WRITE_FAILED. */
  async set(settings: Settings): Promise<Settings> {
    if (!this.vault) throw new SwarmpadError('CLOSED')
    this.current = settings
    this.options.onChange(settings)
    await this.vault.write('settings', settingsId, settings)
    return settings
  }
}

/** Returns the settings of a record, each by itself: one that a later program wrote must not discard the others. */
function readSettings(record: unknown, defaults: Settings): Settings {
  const stored: Record<string, unknown> = typeof record === 'object' && record !== null ? { ...record } : {}
  const sound = Object.entries(settingsShape.entries).flatMap(([name, shape]) => {
    const result = v.safeParse(shape, stored[name])
    return result.success ? [[name, result.output]] : []
  })
  return { ...defaults, ...Object.fromEntries(sound) }
}
