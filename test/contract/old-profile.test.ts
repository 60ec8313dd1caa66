import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import type { SwarmpadError } from '../../main/base/errors'
import { Keeper, storeFolder } from '../../main/keeper/keeper'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { DocumentLog } from '../../main/log/document-log'
import { TimeSlicer } from '../../main/log/scrub/time-slicer'
import { LevelStore } from '../../main/storage/level-store'
import { encodeStoreVersion, storeVersion } from '../../main/storage/store-version'
import { errorWords } from '../../preload/messages/errors'
import { DiskProfile } from '../support/disk-profile'
import { ManualNetwork } from '../unit/sync/world'

/** Profiles as programs of before have left them; the README there says what is in them. */
const stored = resolve('test/vectors/profiles')
const formKey = Buffer.from('!form')
let folder: string
const profiles: DiskProfile[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-old-'))
})
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.close()
  await rm(folder, { recursive: true })
})

interface Told {
  readonly passphrase: string
  readonly documents: readonly { readonly link: string; readonly text: string }[]
}

async function open(name: string, passphrase?: string): Promise<DiskProfile> {
  const directory = join(folder, name)
  const profile = await DiskProfile.open({ directory, ...(passphrase ? { passphrase } : { name }) })
  profiles.push(profile)
  return profile
}

async function end(profile: DiskProfile): Promise<void> {
  profiles.splice(profiles.indexOf(profile), 1)
  await profile.close()
}

/** A copy of an old profile, and what is in it. */
async function copy(form: string): Promise<Told> {
  await cp(join(stored, form), join(folder, 'old'), { recursive: true })
  return JSON.parse(await readFile(join(stored, form, 'profile.json'), 'utf8'))
}

/** Everything that a store holds, in hex. */
async function everything(directory: string): Promise<string[]> {
  const store = new LevelStore(directory)
  await store.open()
  const all: string[] = []
  for await (const [key, value] of store.entries({ gte: Buffer.alloc(0), lt: Buffer.of(0xff) }))
    all.push(`${Buffer.from(key).toString('hex')} ${Buffer.from(value).toString('hex')}`)
  await store.close()
  return all
}

async function setForm(directory: string, value: Uint8Array): Promise<void> {
  const store = new LevelStore(directory)
  await store.open()
  await store.write([{ key: formKey, value }])
  await store.close()
}

describe('a profile of before (S18)', async () => {
  const forms = (await readdir(stored, { withFileTypes: true })).filter((entry) => entry.isDirectory())

  it('is kept of each form that there was', () => {
    expect(forms.map(({ name }) => name)).toEqual(
      Array.from({ length: storeVersion }, (_, index) => `form-${index + 1}`),
    )
  })

  it.each(forms.map(({ name }) => name))(
    'of %s opens, is read, written in, shared and sound',
    async (form) => {
      const { passphrase, documents } = await copy(form)
      const old = await open('old', passphrase)
      expect(old.workspace.summaries().length).toBe(documents.length)
      for (const { link, text } of documents) {
        const document = await old.workspace.openDocument(link)
        await document.settled()
        expect(await document.text()).toBe(text)
        expect(document.opened().status.problem).toBeNull()
        await document.edit([{ from: 0, to: 0, insert: 'Still written in. ' }])
        await document.saved()
        await document.close()
      }
      const [minutes = expect.fail(), long = expect.fail()] = documents
      const forked = await old.workspace.openDocument(minutes.link)
      expect(forked.opened().status.leftOut.map(({ kind, name }) => [kind, name])).toEqual([
        ['two-histories', 'Eve'],
      ])
      const compact = await old.workspace.openDocument(long.link)
      expect(old.workspace.snapshotSize(compact.id)).toBeGreaterThan(0)
      await end(old)

      const again = await open('old', passphrase)
      const ben = await open('Ben')
      again.meet(ben)
      for (const { link, text } of documents) {
        const theirs = await ben.workspace.openDocument(link)
        await again.workspace.openDocument(link)
        await theirs.whenSynced({ timeout: 120_000 })
        expect(await theirs.text()).toBe(`Still written in. ${text}`)
      }
      await end(ben)
      await end(again)
      const store = new LevelStore(join(folder, 'old', 'store'))
      await store.open()
      expect(await store.get(formKey)).toEqual(encodeStoreVersion(storeVersion))
      for (const { link } of documents) {
        const { documentId, verify } = keysFromLink(parseLink(link))
        const log = new DocumentLog({ store, environment: systemEnvironment, documentId, verify })
        await log.open()
        await log.health.check(new TimeSlicer({ clock: systemEnvironment.clock, slice: 1_000, rest: 0 }))
        expect(log.health.isDamaged).toBe(false)
        await log.close()
      }
      await store.close()
    },
  )
})

describe('a profile that a newer program has written (S18)', () => {
  it('is refused in plain words, and nothing in it is changed', async () => {
    const { passphrase } = await copy('form-1')
    const directory = join(folder, 'old', 'store')
    await setForm(directory, encodeStoreVersion(storeVersion + 1))
    const before = await everything(directory)
    const key = await readFile(join(folder, 'old', 'key'))
    const refused = await DiskProfile.open({ directory: join(folder, 'old'), passphrase }).then(
      () => expect.fail(),
      (error: SwarmpadError) => error,
    )
    expect(refused.code).toBe('PROFILE_NEWER')
    expect(errorWords(refused)).toMatch(/^A newer Swarmpad has used this profile/)
    expect(await everything(directory)).toEqual(before)
    expect(await readFile(join(folder, 'old', 'key'))).toEqual(key)
  })

  it('is not what one bit that fell over makes of it', async () => {
    const { passphrase } = await copy('form-1')
    const directory = join(folder, 'old', 'store')
    const form = Buffer.from(encodeStoreVersion(storeVersion))
    form[2] = 1
    await setForm(directory, form)
    const old = await open('old', passphrase)
    await vi.waitFor(() => expect(old.workspace.summaries().length).toBe(3))
  })

  it('is refused by a keeper too', async () => {
    const directory = join(folder, 'keeper')
    await setForm(storeFolder(directory), encodeStoreVersion(storeVersion + 1))
    const before = await everything(storeFolder(directory))
    const keeper = new Keeper({
      directory,
      store: new LevelStore(storeFolder(directory)),
      network: new ManualNetwork(systemEnvironment.random(32)),
      environment: systemEnvironment,
      limits: { document: 2 ** 30, profile: 2 ** 30, floor: 0 },
      freeSpace: async () => 2 ** 40,
      holderSeed: Buffer.alloc(32, 5),
      name: '',
      events: { onNotice: () => undefined },
    })
    await expect(keeper.open()).rejects.toMatchObject({ code: 'PROFILE_NEWER' })
    expect(await everything(storeFolder(directory))).toEqual(before)
  })
})
