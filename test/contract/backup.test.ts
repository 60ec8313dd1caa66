import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BackupRun } from '../../main/backup/backups'
import { SwarmpadError } from '../../main/base/errors'
import { DiskProfile } from '../support/disk-profile'

const passphrase = 'a garden in november'
let folder: string
const profiles: DiskProfile[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-backup-'))
})
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.close()
  await rm(folder, { recursive: true })
})

const at = (name: string) => join(folder, name)

async function profile(name: string, person?: string): Promise<DiskProfile> {
  const opened = await DiskProfile.open({ directory: at(name), ...(person ? { name: person } : {}) })
  profiles.push(opened)
  return opened
}

async function end(open: DiskProfile): Promise<void> {
  profiles.splice(profiles.indexOf(open), 1)
  await open.close()
}

const make = (of: DiskProfile, file: string, id: string | null = null, run: BackupRun = {}) =>
  of.workspace.backups.make({ path: at(file), passphrase, id, run })
const restore = (into: DiskProfile, file: string, run: BackupRun = {}, words = passphrase) =>
  into.workspace.backups.restore({ path: at(file), passphrase: words, run })

async function texts(of: DiskProfile): Promise<string[]> {
  const found: string[] = []
  for (const { id } of of.workspace.summaries()) {
    const document = await of.workspace.document(id)
    await document.settled()
    found.push(await document.text())
    await document.close()
  }
  return found.sort()
}

const codeOf = (failing: Promise<unknown>): Promise<string> =>
  failing.then(
    () => 'nothing',
    (error) => (error instanceof SwarmpadError ? error.code : String(error)),
  )

/** Ada, with a document of her own, one that she wrote with Ben, and one that she may only read. */
async function ada(): Promise<DiskProfile> {
  const mine = await profile('ada', 'Ada')
  const ben = await profile('ben', 'Ben')
  await mine.workspace.createDocument({ text: '# Alone\n\nNobody else has this.\n' })
  const shared = await mine.workspace.createDocument({ text: '# Together\n\n' })
  const theirs = await ben.workspace.openDocument(await shared.link('write'))
  const read = await ben.workspace.createDocument({ text: '# From Ben, to be read\n' })
  const reading = await mine.workspace.openDocument(await read.link('read'))
  mine.meet(ben)
  await theirs.whenSynced({ timeout: 120_000 })
  await theirs.edit([{ from: 0, to: 0, insert: 'Ben was here. ' }])
  await theirs.saved()
  await theirs.whenSynced({ timeout: 120_000 })
  await reading.whenSynced({ timeout: 120_000 })
  await shared.settled()
  await reading.settled()
  await end(ben)
  return mine
}

describe('a backup of a profile', () => {
  it('brings person and documents to a new profile, where writing goes on in new sessions (rules B3, B5, C1)', async () => {
    const mine = await ada()
    const before = await texts(mine)
    const { fingerprint } = mine.workspace.profile()
    const steps: [number, number][] = []
    expect(await make(mine, 'all.backup', null, { onProgress: (...step) => steps.push(step) })).toEqual({
      documents: 3,
      damaged: [],
      unsaved: [],
    })
    expect(steps.at(-1)?.[0]).toBe(steps.at(-1)?.[1])
    expect((await stat(at('all.backup'))).mode & 0o777).toBe(0o600)
    await end(mine)

    const moved = await profile('moved')
    expect(moved.workspace.profile().name).toBe('')
    const restored = await restore(moved, 'all.backup')
    expect(restored).toMatchObject({ kind: 'profile', person: true, grown: [], known: [], incomplete: [] })
    expect(restored.added).toHaveLength(3)
    expect(moved.workspace.profile()).toMatchObject({ name: 'Ada', fingerprint })
    expect(await texts(moved)).toEqual(before)
    expect(before).toHaveLength(3)
    const alone = moved.workspace.summaries().find(({ title }) => title === 'Alone')
    const document = await moved.workspace.document(alone?.id ?? '')
    await document.edit([{ from: 0, to: 0, insert: 'Moved. ' }])
    await document.saved()
    await end(moved)
    // Also after a restart: all of it was durable.
    const again = await profile('moved')
    expect((await texts(again)).join()).toContain('Moved. # Alone')
    expect(again.workspace.profile()).toMatchObject({ name: 'Ada', fingerprint })
    expect(again.notices).toEqual([])
  })

  it('adds to a profile that is in use, and replaces nothing there', async () => {
    const mine = await ada()
    await make(mine, 'all.backup')
    const [document] = mine.workspace.summaries().filter(({ title }) => title === 'Alone')
    const open = await mine.workspace.document(document?.id ?? '')
    await open.edit([{ from: 0, to: 0, insert: 'Newer than the backup. ' }])
    await open.saved()
    expect(await restore(mine, 'all.backup')).toMatchObject({
      added: [],
      grown: [],
      person: false,
      incomplete: [],
    })
    expect((await open.text()).startsWith('Newer than the backup. ')).toBe(true)

    const cem = await profile('cem', 'Cem')
    await cem.workspace.createDocument({ text: '# Of Cem\n' })
    const { fingerprint } = cem.workspace.profile()
    expect((await restore(cem, 'all.backup')).added).toHaveLength(3)
    expect(cem.workspace.profile()).toMatchObject({ name: 'Cem', fingerprint })
    expect(await texts(cem)).toHaveLength(4)
    // Edits newer than the backup arrive over the network.
    mine.meet(cem)
    const theirs = await cem.workspace.document(document?.id ?? '')
    await theirs.whenSynced({ timeout: 120_000 })
    await expect.poll(() => theirs.text()).toContain('Newer than the backup. ')
  })

  it('gives a log what it lacks (rule B5)', async () => {
    const mine = await profile('mine', 'Ada')
    const document = await mine.workspace.createDocument({ text: 'one ' })
    await make(mine, 'early.backup', document.id)
    await document.edit([{ from: 4, to: 4, insert: 'two ' }])
    await document.saved()
    await make(mine, 'late.backup', document.id)
    const other = await profile('other', 'Ben')
    expect(await restore(other, 'early.backup')).toMatchObject({ kind: 'document', added: [document.id] })
    expect(await texts(other)).toEqual(['one '])
    expect(await restore(other, 'late.backup')).toMatchObject({ added: [], grown: [document.id] })
    expect(await texts(other)).toEqual(['one two '])
    expect(await restore(other, 'early.backup')).toMatchObject({ grown: [], known: [document.id] })
  })

  it('shows nothing of what is in it', async () => {
    const mine = await ada()
    await make(mine, 'all.backup')
    const bytes = await readFile(at('all.backup'))
    for (const word of ['Ada', 'Ben was here', 'Alone', 'secret', 'seed', 'write'])
      expect(bytes.includes(word), word).toBe(false)
  })

  it('tells a wrong passphrase, damage, a cut, a newer version and another file apart, and changes nothing', async () => {
    const mine = await ada()
    await make(mine, 'all.backup')
    const bytes = await readFile(at('all.backup'))
    const fresh = await profile('fresh')
    const attempt = async (content: Uint8Array, words = passphrase) => {
      await writeFile(at('changed'), content)
      return codeOf(restore(fresh, 'changed', {}, words))
    }
    const flipped = (place: number) => {
      const copy = Buffer.from(bytes)
      copy[place] = (copy[place] ?? 0) ^ 1
      return copy
    }
    expect(await attempt(bytes, 'another one')).toBe('PASSPHRASE_WRONG')
    for (const place of [16, 17, 30, 60, 140, 200, bytes.length >> 1, bytes.length - 1])
      expect(await attempt(flipped(place)), `byte ${place}`).toBe('BACKUP_DAMAGED')
    for (const length of [20, 168, 169, 200, bytes.length - 65_553, bytes.length - 1])
      if (length > 0)
        expect(await attempt(bytes.subarray(0, length)), `${length} bytes`).toBe('BACKUP_DAMAGED')
    expect(await attempt(Buffer.concat([bytes, Buffer.of(0)]))).toBe('BACKUP_DAMAGED')
    const newer = Buffer.from(bytes)
    newer[15] = 2
    expect(await attempt(newer)).toBe('BACKUP_NEWER')
    expect(await attempt(Buffer.from('# A text file'))).toBe('BACKUP_OTHER')
    expect(await codeOf(restore(fresh, 'nothing here'))).toBe('FILE_UNREADABLE')
    expect(fresh.workspace.summaries()).toEqual([])
    expect(fresh.workspace.profile().name).toBe('')
    // And the file as it was made is whole.
    expect((await restore(fresh, 'all.backup')).added).toHaveLength(3)
  })

  it('leaves nothing half-written, and an older file as it was, when it is stopped or the place is gone', async () => {
    const mine = await ada()
    await writeFile(at('all.backup'), 'what was there')
    const stop = new AbortController()
    const run = { signal: stop.signal, onProgress: () => stop.abort() }
    expect(await codeOf(make(mine, 'all.backup', null, run))).toBe('CLOSED')
    expect(await readFile(at('all.backup'), 'utf8')).toBe('what was there')
    expect(await codeOf(make(mine, 'no such folder/all.backup'))).toBe('STORE_WRITE_FAILED')
    expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([])
    expect(await codeOf(mine.workspace.backups.make({ path: at('x'), passphrase: 'short', id: null }))).toBe(
      'PASSPHRASE_SHORT',
    )
    await truncate(at('all.backup'))
  })

  it('stopped while it is restored, goes on from there', async () => {
    const mine = await ada()
    await make(mine, 'all.backup')
    const fresh = await profile('fresh')
    const stop = new AbortController()
    // Stopped as soon as there is a document: the check before changes nothing.
    const look = () => {
      if (fresh.workspace.summaries().length > 0) stop.abort()
      else if (!stop.signal.aborted) setImmediate(look)
    }
    look()
    expect(await codeOf(restore(fresh, 'all.backup', { signal: stop.signal }))).toBe('CLOSED')
    expect(fresh.workspace.profile().name).toBe('')
    const done = await restore(fresh, 'all.backup')
    expect(done.added.length + done.grown.length + done.known.length).toBe(3)
    expect(done.person).toBe(true)
    expect(await texts(fresh)).toEqual(await texts(mine))
  })
})

describe('what a person arranged', () => {
  it('comes along with the person, and replaces nothing later (B5)', async () => {
    const mine = await profile('ada', 'Ada')
    const plan = await mine.workspace.createDocument({ text: '# Plan' })
    const list = await mine.workspace.createDocument({ text: '# List' })
    await mine.workspace.arrange([plan.id, list.id], { folder: 'Work', pinned: true })
    await mine.workspace.ownWords.add('Kowalczyk')
    await make(mine, 'file')
    await mine.workspace.arrange([list.id], { folder: 'Later' })
    await restore(mine, 'file')
    const folders = (of: DiskProfile) => {
      const shown = new Map(of.workspace.summaries().map((summary) => [summary.id, summary]))
      return [plan, list].map(({ id }) => [shown.get(id)?.folder, shown.get(id)?.pinned])
    }
    expect(folders(mine)).toEqual([
      ['Work', true],
      ['Later', true],
    ])
    const fresh = await profile('fresh')
    await restore(fresh, 'file')
    expect(folders(fresh)).toEqual([
      ['Work', true],
      ['Work', true],
    ])
    expect(fresh.workspace.ownWords.list).toEqual(['Kowalczyk'])
    // Somebody else takes documents of the file, and nothing of how its person arranged them.
    const ben = await profile('ben', 'Ben')
    await restore(ben, 'file')
    expect(folders(ben)).toEqual([
      ['', false],
      ['', false],
    ])
    expect(ben.workspace.ownWords.list).toEqual([])
  })
})
