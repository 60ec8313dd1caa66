import { beforeEach, describe, expect, it } from 'vitest'
import { Vault } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { SettingsStore } from '../../../main/workspace/settings-store'
import { calls } from '../../../preload/contract/bridge'
import { defaultSettings, type Settings, spellingLanguagesOf } from '../../../preload/contract/settings'
import { randomFrom } from '../../support/random'

const random = randomFrom(3)
const id = new Uint8Array(0)
const chosen: Settings = {
  theme: 'dark',
  font: 'mono',
  size: 22,
  width: 'wide',
  spelling: ['de'],
  selectionBar: false,
  focus: true,
  typewriter: true,
  source: true,
  panel: 'links',
  searchUnopened: false,
  librarySort: 'title',
  libraryTurned: ['archive', 'folder:Choir'],
  notify: true,
  notifyDetails: true,
}
let disk: MemoryDisk
let vault: Vault

beforeEach(() => {
  disk = new MemoryDisk()
  vault = vaultWith(7)
})

function vaultWith(fill: number): Vault {
  const key = Buffer.alloc(32, fill)
  return new Vault({ store: new MemoryStore(disk), key, random: (size) => random.bytes(size) })
}

async function opened(at = vault): Promise<{ store: SettingsStore; heard: Settings[] }> {
  const heard: Settings[] = []
  const store = new SettingsStore({ languages: ['en'], onChange: (settings) => heard.push(settings) })
  await store.open(at)
  return { store, heard }
}

describe('the settings of a profile', () => {
  it('are the defaults at first, with the languages of the system', async () => {
    const { store } = await opened()
    expect(store.value).toEqual({ ...defaultSettings, spelling: ['en'] })
    expect(disk.values.size).toBe(0)
  })

  it('are kept, sealed, and reported after each change', async () => {
    const { store, heard } = await opened()
    await store.set(chosen)
    expect(heard).toEqual([chosen])
    expect((await opened()).store.value).toEqual(chosen)
    for (const sealed of disk.values.values())
      expect(Buffer.from(sealed).toString('latin1')).not.toContain('mono')
  })

  it('are the defaults when the record cannot be read', async () => {
    const { store } = await opened()
    await store.set(chosen)
    const { store: other } = await opened(vaultWith(8))
    expect(other.value).toEqual({ ...defaultSettings, spelling: ['en'] })
  })

  it('take over each sound setting of a record that another program wrote', async () => {
    const odd = { ...chosen, size: 1e9, font: 'script', spelling: ['de', 'tlh'], more: 1 }
    for (const [record, expected] of [
      [odd, { ...chosen, size: 18, font: 'serif', spelling: ['en'] }],
      [{ theme: 'light' }, { ...defaultSettings, theme: 'light', spelling: ['en'] }],
      [[], { ...defaultSettings, spelling: ['en'] }],
      ['dark', { ...defaultSettings, spelling: ['en'] }],
      [null, { ...defaultSettings, spelling: ['en'] }],
    ]) {
      await vault.write('settings', id, record)
      expect((await opened()).store.value).toEqual(expected)
    }
  })

  it('reject before the profile is open', async () => {
    const store = new SettingsStore({ languages: [], onChange: () => expect.fail() })
    await expect(store.set(chosen)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('cross from the window only in their shape', () => {
    const { check } = calls.setSettings
    expect(check([chosen])).toEqual([chosen])
    for (const wrong of [
      { ...chosen, size: 13 },
      { ...chosen, size: 25 },
      { ...chosen, size: 18.5 },
      { ...chosen, size: Number.NaN },
      { ...chosen, theme: 'sepia' },
      { ...chosen, spelling: ['de', 'de'] },
      { ...chosen, spelling: ['fr'] },
      { ...chosen, focus: 'yes' },
      { theme: 'dark' },
    ])
      expect(check([wrong])).toBeNull()
  })
})

describe('languages of the system', () => {
  it('are checked where there is a list for them', () => {
    expect(spellingLanguagesOf(['de-AT', 'fr', 'en-US', 'en-GB'])).toEqual(['en', 'de'])
    expect(spellingLanguagesOf(['DE'])).toEqual(['de'])
    expect(spellingLanguagesOf(['enm', 'fr-FR'])).toEqual([])
    expect(spellingLanguagesOf([])).toEqual([])
  })
})
