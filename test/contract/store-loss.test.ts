import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromHex } from '../../main/base/hex'
import { forgetDocument } from '../../main/repo/forget-document'
import { LevelStore } from '../../main/storage/level-store'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { lostPersonWords } from '../../preload/messages/damage'
import { DiskProfile } from '../support/disk-profile'

const patience = { timeout: 30_000, interval: 50 }
let folder: string
let directory: string
let store: string
const profiles: DiskProfile[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-loss-'))
  directory = join(folder, 'ada')
  store = join(directory, 'store')
})
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.close()
  await rm(folder, { recursive: true })
})

async function open(name = ''): Promise<DiskProfile> {
  const profile = await DiskProfile.open({ directory, ...(name ? { name } : {}) })
  profiles.push(profile)
  return profile
}

async function end(profile: DiskProfile): Promise<void> {
  profiles.splice(profiles.indexOf(profile), 1)
  await profile.close()
}

/** Types words at the end of a document, each of which is saved before the next. */
async function type(document: SharedDocument, words: readonly string[]): Promise<void> {
  for (const word of words) {
    const { length } = await document.text()
    await document.edit([{ from: length, to: length, insert: ` ${word}` }])
    await document.saved()
  }
}

const words = (count: number, name: string): string[] => Array.from({ length: count }, (_, n) => name + n)

/** A young profile with a document, as it is when it was closed after its first start: all of it is in a log. */
async function young(): Promise<{ id: string; text: string }> {
  const profile = await open('Ada')
  const document = await profile.workspace.createDocument({ text: '# Plans\n\n' })
  await vi.waitFor(() => expect(profile.workspace.documents()[0]?.title).toBe('Plans'), patience)
  await type(document, words(30, 'word'))
  const text = await document.text()
  await end(profile)
  return { id: document.id, text }
}

const logs = async (): Promise<string[]> =>
  (await readdir(store)).filter((name) => name.endsWith('.log')).map((name) => join(store, name))

/** The log with the most in it, and its size in bytes. */
async function mainLog(): Promise<{ path: string; size: number }> {
  const sized = await Promise.all(
    (await logs()).map(async (path) => ({ path, size: (await stat(path)).size })),
  )
  return sized.sort((a, b) => b.size - a.size)[0] ?? expect.fail()
}

describe('a profile whose store lost something (S20)', () => {
  it.each(['gone', 'empty'])('says what is missing where the only log is %s', async (what) => {
    await young()
    for (const path of await logs()) await (what === 'gone' ? rm(path) : truncate(path, 0))
    const again = await open()
    await vi.waitFor(() => expect(again.notices.length).toBe(2), patience)
    expect(again.notices).toContain(lostPersonWords)
    expect(again.notices[1]).toMatch(
      /^One document is not in the list any more.*by link, or restore a backup/,
    )
    await end(again)
    // Told once: there is someone new now, with an empty list.
    const third = await open()
    expect(third.notices).toEqual([])
  })

  it.each([
    ['cut', (path: string, size: number) => truncate(path, Math.floor(size / 2))],
    [
      'full of zeros',
      async (path: string, size: number) =>
        writeFile(path, (await readFile(path)).fill(0, Math.floor(size / 2))),
    ],
  ])('says so where the end of a log is %s, and calls nothing saved that is not', async (_, spoil) => {
    const { id } = await young()
    const { path, size } = await mainLog()
    await spoil(path, size)
    const again = await open()
    await vi.waitFor(() => expect(again.notices.length).toBe(1), patience)
    expect(again.notices[0]).toMatch(
      /^A part of “Plans” that was saved is not on this computer’s disk any more/,
    )
    const document = await again.workspace.document(id)
    const { status } = document.opened()
    expect(status).toMatchObject({ loading: true, damaged: true })
    expect(status.problem).toMatch(/restore it from a backup/)
    // Without a backup the document continues without the lost part, and later edits are saved.
    await again.workspace.goOnWithout(id)
    await document.settled()
    await type(document, ['after'])
    const text = await document.text()
    expect(text).toMatch(/word\d+.* after/)
    await end(again)
    const third = await open()
    expect(third.notices).toEqual([])
    const last = await third.workspace.document(id)
    await last.settled()
    expect(await last.text()).toBe(text)
    expect(last.opened().status).toMatchObject({ problem: null, damaged: false })
  })

  it('says that what was typed last is missing where that was in the journal alone (S19)', async () => {
    const { id } = await young()
    // A document that never loads: what is typed is in no segment.
    const unread = () => ({ post: () => undefined, stop: () => undefined, leave: () => undefined })
    const writing = await DiskProfile.open({ directory, startReplica: unread })
    profiles.push(writing)
    const document = await writing.workspace.document(id)
    await document.edit([{ from: 0, to: 0, insert: 'typed last ' }])
    await document.saved()
    await writing.workspace.close({ limit: 500 })
    await end(writing)
    const kept = join(folder, 'kept')
    await cp(directory, kept, { recursive: true })
    for (const path of await logs()) await truncate(path, 0)
    const again = await open()
    await vi.waitFor(
      () =>
        expect(again.notices).toEqual([expect.stringMatching(/^What you typed last in “Plans” was saved/)]),
      patience,
    )
    await end(again)
    // The loss is reported once, and not at all when nothing was lost.
    const third = await open()
    await (await third.workspace.document(id)).settled()
    expect(third.notices).toEqual([])
    await end(third)
    await rm(directory, { recursive: true })
    await cp(kept, directory, { recursive: true })
    const whole = await open()
    const found = await whole.workspace.document(id)
    await found.settled()
    expect(await found.text()).toContain('typed last ')
    expect(whole.notices).toEqual([])
  })

  it('gets back from others what the end of its log held', async () => {
    const { id, text } = await young()
    const first = await open()
    const link = await (await first.workspace.document(id)).link('write')
    const ben = await DiskProfile.open({ directory: join(folder, 'ben'), name: 'Ben' })
    profiles.push(ben)
    first.meet(ben)
    const theirs = await ben.workspace.openDocument(link)
    const mine = await first.workspace.document(id)
    await type(mine, words(10, 'late'))
    await theirs.whenSynced({ timeout: 20_000 })
    const whole = await mine.text()
    await end(first)
    const { path, size } = await mainLog()
    await truncate(path, Math.floor(size / 3))
    const again = await open()
    const document = await again.workspace.document(id)
    expect(document.opened().status.damaged).toBe(true)
    again.meet(ben)
    await vi.waitFor(
      () => expect(document.opened().status).toMatchObject({ damaged: false, problem: null }),
      patience,
    )
    expect(await document.text()).toBe(whole)
    expect(whole).toContain(text)
  })

  it('loses nothing where an older list of files stands beside whole tables', async () => {
    const { id } = await young()
    const older = join(folder, 'older')
    await end(await open())
    await cp(store, older, { recursive: true })
    for (const turn of [1, 2]) {
      const profile = await open()
      await type(await profile.workspace.document(id), words(5, `turn${turn}-`))
      await end(profile)
    }
    const latest = await open()
    const document = await latest.workspace.document(id)
    await document.settled()
    const text = await document.text()
    await end(latest)
    for (const name of await readdir(store)) if (/^MANIFEST|^CURRENT/.test(name)) await rm(join(store, name))
    for (const name of await readdir(older))
      if (/^MANIFEST|^CURRENT/.test(name)) await cp(join(older, name), join(store, name))
    const tables = (await readdir(store)).filter((name) => name.endsWith('.ldb'))
    expect(tables.length).toBeGreaterThan(1)

    const again = await open()
    const found = await again.workspace.document(id)
    await found.settled()
    expect(await found.text()).toBe(text)
    expect(found.opened().status).toMatchObject({ problem: null, damaged: false })
    expect(again.workspace.profile().name).toBe('Ada')
    await end(again)
    const third = await open()
    expect(await (await third.workspace.document(id)).text()).toBe(text)
    await vi.waitFor(async () => expect(await readdir(store)).not.toContain('MENDED'), patience)
  })

  it('keeps files aside that its list does not name, as long as something is missing', async () => {
    const { id } = await young()
    await end(await open())
    const table = (await readdir(store)).find((name) => name.endsWith('.ldb')) ?? expect.fail()
    // A process that was killed while it made tables leaves one that nobody needs.
    await cp(join(store, table), join(store, '900001.ldb'))
    const second = await open()
    await vi.waitFor(async () => expect(await readdir(store)).not.toContain('unknown'), patience)
    expect(second.notices).toEqual([])
    await end(second)

    const third = await open()
    await type(await third.workspace.document(id), words(5, 'more'))
    await end(third)
    for (const path of await logs()) await truncate(path, 0)
    await writeFile(join(store, '900002.ldb'), 'what no program reads')
    const fourth = await open()
    await vi.waitFor(() => expect(fourth.notices.length).toBeGreaterThan(0), patience)
    expect(await readFile(join(store, 'unknown', '900002.ldb'), 'utf8')).toBe('what no program reads')
  })

  it('never calls a document saved that came out empty, and leaves it its title', async () => {
    const { id } = await young()
    const first = await open()
    const second = await first.workspace.createDocument({ text: '# Second\n\nwith a text' })
    await type(second, words(3, 'word'))
    await end(first)
    const inside = new LevelStore(store)
    await inside.open()
    await forgetDocument(inside, fromHex(second.id))
    await inside.write([{ key: Buffer.from('p'), value: null }])
    await inside.close()

    const again = await open()
    await vi.waitFor(() => expect(again.notices.length).toBe(2), patience)
    expect(again.notices[0]).toBe(lostPersonWords)
    expect(again.notices[1]).toMatch(/^A part of “Second” that was saved/)
    const emptied = await again.workspace.document(second.id)
    await emptied.edit([{ from: 0, to: 0, insert: 'typed now ' }])
    expect(emptied.opened().status).toMatchObject({ loading: true, damaged: true })
    expect(emptied.opened().status.savedVersion).toBeLessThan(emptied.opened().version)
    expect(again.workspace.documents().find((one) => one.id === second.id)?.title).toBe('Second')
    await again.workspace.goOnWithout(second.id)
    await emptied.settled()
    await emptied.saved()
    const other = await again.workspace.document(id)
    await other.settled()
    expect(other.opened().status.problem).toBeNull()
  })

  it.each(['CURRENT', 'MANIFEST'])('is read where %s is gone', async (begin) => {
    const { id, text } = await young()
    await end(await open())
    for (const name of await readdir(store)) if (name.startsWith(begin)) await rm(join(store, name))
    const again = await open()
    const document = await again.workspace.document(id)
    await document.settled()
    expect(await document.text()).toBe(text)
    expect(document.opened().status.problem).toBeNull()
  })

  it('says nothing where its notes are older than the database, cut, or gone', async () => {
    const { id, text } = await young()
    const notes = `${store}.notes`
    const older = await readFile(notes)
    const first = await open()
    await type(await first.workspace.document(id), words(3, 'late'))
    await end(first)
    const newer = await readFile(notes)
    for (const bytes of [
      older,
      newer.subarray(0, newer.length - 7),
      Buffer.alloc(0),
      Buffer.alloc(500, 1),
      null,
    ]) {
      await (bytes ? writeFile(notes, bytes) : rm(notes))
      const again = await open()
      const document = await again.workspace.document(id)
      await document.settled()
      expect(await document.text()).toContain(text)
      expect([again.notices, document.opened().status.problem]).toEqual([[], null])
      await end(again)
      // Facts that were missing from the notes are noted from the data found.
      expect((await readFile(notes)).length).toBeGreaterThan(100)
    }
  })
})
