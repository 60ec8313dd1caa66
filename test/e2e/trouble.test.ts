import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hex } from '../../main/base/hex'
import { LevelStore } from '../../main/storage/level-store'
import { encodeStoreVersion, storeVersion } from '../../main/storage/store-version'
import { patience, Room } from '../support/app'
import { canMount } from '../support/disk'
import { randomFrom } from '../support/random'

/** The built program without a window: what another program, or another version, would be. */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL('out/main/headless.js').href
)

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

it('a link that is wrong, cut or mistyped is told, and nothing is opened', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('text')
  const link = await ada.link()
  const keep = await keepLink(link)
  const swapped = link.slice(0, 30) + (link[30] === 'q' ? 'p' : 'q') + link.slice(31)
  const wrong: [string, RegExp][] = [
    ['', /Paste the link/],
    ['hello', /no Swarmpad link in this/],
    ['https://example.org/', /no Swarmpad link in this/],
    [link.slice(0, -7), /damaged/],
    [swapped, /damaged/],
    [keep, /keeps a document without reading it/],
  ]
  const ben = await room.desk({ name: 'Ben' })
  await ben.press('Open link')
  const field = ben.page.getByLabel('Link', { exact: true })
  for (const [text, message] of wrong) {
    await field.fill(text)
    await ben.page.keyboard.press('Enter')
    await ben.page.getByRole('alert').filter({ hasText: message }).waitFor()
    expect(await field.inputValue()).toBe(text)
  }
  // Broken over lines, as mail programs do, in a sentence, and in capitals: all of it is still the link.
  await field.fill(`<${link.slice(0, 20)}\n  ${link.slice(20)}>`)
  await ben.page.keyboard.press('Enter')
  await ben.shows('text')
  expect(await ben.page.evaluate(() => window.swarmpad.documents())).toMatchObject({ value: { length: 1 } })
  expect(ben.errors).toEqual([])
})

async function keepLink(link: string): Promise<string> {
  const workspace = await openWorkspace({ directory: room.folder(), bootstrap: room.nodes })
  try {
    return await (await workspace.openDocument(link)).link('keep')
  } finally {
    await workspace.close()
  }
}

it('a database of which a file is gone is told, and left as it is', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('precious')
  await ada.says('Saved')
  await ada.quit()
  const store = join(ada.profile, 'store')
  await makeTable(store)
  for (const file of readdirSync(store)) if (file.endsWith('.ldb')) rmSync(join(store, file))
  const before = contentOf(store)
  const again = await room.desk({ profile: ada.profile })
  await again.page.getByRole('heading', { name: 'Your documents could not be read' }).waitFor()
  expect(await again.quit()).toBe(1)
  expect(contentOf(store)).toEqual(before)
})

/** Makes a table of what a database has in its log. */
async function makeTable(directory: string): Promise<void> {
  const store = new LevelStore(directory)
  await store.open()
  await store.close()
}

it('a database of which nothing can be read opens for someone new, says so, and has what the link leads to', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const ben = await room.desk({ name: 'Ben' })
  await ada.create('precious')
  const link = await ada.link()
  await ben.join(link)
  await ben.shows('precious')
  await ada.quit()
  const store = join(ada.profile, 'store')
  await makeTable(store)
  for (const file of readdirSync(store))
    if (/MANIFEST|\.ldb$|\.log$/.test(file)) writeFileSync(join(store, file), 'scrambled')
  const again = await room.desk({ profile: ada.profile })
  await again.page.getByText('your name and key were in it').waitFor()
  await again.introduce('Ada')
  await again.join(link)
  await again.shows('precious')
  expect(again.errors).toEqual([])
})

/** Takes away what a database has in its logs. */
function emptyLogs(directory: string): void {
  for (const file of readdirSync(directory)) if (file.endsWith('.log')) truncateSync(join(directory, file))
}

it('a young profile whose log is empty says that it was someone’s, and what is missing (S20)', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Garden')
  await ada.says('Saved')
  await ada.quit()
  emptyLogs(join(ada.profile, 'store'))
  const again = await room.desk({ profile: ada.profile })
  await again.page.getByRole('heading', { name: 'Welcome to Swarmpad' }).waitFor()
  const alerts = again.page.locator('.toast.alert')
  await alerts.filter({ hasText: 'your name and key were in it' }).waitFor()
  await alerts.filter({ hasText: 'One document is not in the list any more' }).waitFor()
  expect(again.errors).toEqual([])
})

it('a document of which the last words are gone is not called saved, and goes on when told to (S20)', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Garden')
  await ada.says('Saved')
  await ada.quit()
  const store = join(ada.profile, 'store')
  await makeTable(store)
  const later = await room.desk({ profile: ada.profile })
  await later.page.getByRole('button', { name: /^Garden/ }).click()
  await later.shows('# Garden')
  await later.type(' in May')
  await later.says('Saved')
  await later.quit()
  emptyLogs(store)
  const again = await room.desk({ profile: ada.profile })
  await again.page.locator('.toast.alert').filter({ hasText: 'A part of “Garden” that was saved' }).waitFor()
  await again.page.getByRole('button', { name: /^Garden/ }).click()
  await again.says('Needs attention')
  await again.press('Go on without it')
  await again.type(' alone')
  await again.says('Saved')
  await again.shows('# Garden alone')
  expect([later, again].flatMap((desk) => desk.errors)).toEqual([])
})

it('a profile that a newer program has written is told, and nothing in it is changed (S18)', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('precious')
  await ada.says('Saved')
  await ada.quit()
  const directory = join(ada.profile, 'store')
  const key = Buffer.from('!form')
  const store = new LevelStore(directory)
  await store.open()
  const before = await store.get(key)
  await store.write([{ key, value: encodeStoreVersion(storeVersion + 1) }])
  await store.close()
  const again = await room.desk({ profile: ada.profile })
  await again.page.getByRole('heading', { name: 'A newer Swarmpad has used this profile' }).waitFor()
  await again.page.getByText('Install the newer version again').waitFor()
  expect(await again.quit()).toBe(1)
  const reopened = new LevelStore(directory)
  await reopened.open()
  expect(await reopened.get(key)).toEqual(encodeStoreVersion(storeVersion + 1))
  await reopened.write([{ key, value: before }])
  await reopened.close()
  const back = await room.desk({ profile: ada.profile })
  await back.page.getByText('precious').first().waitFor({ timeout: patience })
})

/** Files in a database's folder, in base64, without the database's own logs, lock and guard. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder).filter((file) => !/^LOG|^LOCK$|^guard$/.test(file))
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'base64')]))
}

describe('a profile that is in use', () => {
  it('comes up in the window that has it, with the link that was to be opened', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('# Shared')
    const link = await ada.link()
    const ben = await room.desk({ name: 'Ben' })
    expect(await ben.startAgain(link)).toContain('this profile is open already')
    await ben.linkQuestion.waitFor()
    await ben.press('Open')
    await ben.shows('# Shared')
  })

  it('by a program without a window is told', async () => {
    const directory = room.folder()
    const workspace = await openWorkspace({ directory, bootstrap: room.nodes, name: 'Nobody' })
    try {
      const desk = await room.desk({ profile: directory })
      await desk.page.getByRole('heading', { name: 'This profile is already open' }).waitFor()
      expect(await desk.quit()).toBe(1)
    } finally {
      await workspace.close()
    }
  })
})

describe.skipIf(!canMount())('a full disk', () => {
  let disk: string
  beforeEach(() => {
    disk = room.folder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
  })
  afterEach(async () => {
    await room.clear()
    // A process of the program may end a moment after the program: it holds the disk until then.
    execFileSync('umount', ['--lazy', disk])
  })

  it('is told over the text while typing goes on, and everything is saved once there is room', async () => {
    const ada = await room.desk({ name: 'Ada', profile: disk })
    await ada.create('before ')
    await ada.says('Saved')
    await ada.page.evaluate(() => {
      const heard: string[] = []
      Object.assign(window, { heard })
      window.swarmpad.on('notice', ({ message }) => heard.push(message))
    })
    fill(join(disk, 'ballast'))
    // More than what is left in the blocks that are taken already, also when it is packed.
    const pasted = randomFrom(1).bytes(75_000).toString('hex')
    await ada.paste(pasted)
    await ada.says('Needs attention', 'Not saved')
    const notice = ada.page.getByRole('alert').filter({ hasText: 'What you typed last is not saved.' })
    await notice.getByText('saves as soon as that works again').waitFor()
    await ada.type(' typed while the disk is full')
    expect(await ada.status.textContent()).not.toContain('Saved')

    // There is a way to keep the words, and leaving is asked about while they are still there to be copied.
    const text = `before ${pasted} typed while the disk is full`
    await notice.getByRole('button', { name: 'Copy the text' }).click()
    await notice.getByRole('button', { name: 'Copied' }).waitFor()
    expect((await ada.app.evaluate(({ clipboard }) => clipboard.readText())) === text).toBe(true)
    await ada.closeWindow('Stay')
    await expect
      .poll(() => ada.asked(), { timeout: patience })
      .toEqual([expect.stringMatching(/^Your last words in “before [0-9a-f]+…” are not saved$/)])
    await notice.waitFor()
    const notices = await ada.page.evaluate(() => (window as unknown as { heard: string[] }).heard)
    expect(notices.length).toBeLessThanOrEqual(1)

    rmSync(join(disk, 'ballast'))
    await ada.says('Saved')
    await notice.waitFor({ state: 'hidden' })
    await ada.holds(text)
    await ada.quit()
    const again = await room.desk({ profile: disk })
    await again.page.getByRole('button', { name: /^before/ }).click()
    await again.holds(text)
  })
})

/** Leaves no room on a disk. */
function fill(file: string): void {
  for (let size = 1 << 20; size >= 1; size >>= 1)
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // Full for pieces of this size; smaller ones may fit.
    }
}

it('no network is told, and writing goes on', async () => {
  // A port that nobody listens at.
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  const ada = await room.desk({ name: 'Ada', bootstrap: `127.0.0.1:${port}` })
  await ada.create('written alone')
  await ada.link()
  await ada.says('Saved on this computer only', 'No connection to the network')
  expect(ada.errors).toEqual([])
})

it('someone with another version of the wire is named, with what to do', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('for all versions')
  const link = await ada.link()
  const workspace = await openWorkspace({
    directory: room.folder(),
    bootstrap: room.nodes,
    name: 'Newer Nora',
    wireVersion: 99,
  })
  try {
    await workspace.openDocument(link)
    await expect
      .poll(() => ada.status.textContent(), { timeout: patience })
      .toMatch(/Update needed: Newer Nora/)
    expect(await ada.status.textContent()).not.toContain('In sync')
    await ada.type(' still')
    await ada.says('Saved')
  } finally {
    await workspace.close()
  }
})

it('a document of which a part is damaged shows what was last seen, and goes on without it when told to', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Garden')
  await ada.says('Saved')
  await ada.quit()
  const store = () => new LevelStore(join(ada.profile, 'store'))
  const before = await segmentsIn(store())
  // Written after a restart, so that it is a session of its own.
  const later = await room.desk({ profile: ada.profile })
  await later.page.getByRole('button', { name: /^Garden/ }).click()
  await later.shows('# Garden')
  await later.type(' in May')
  await later.says('Saved')
  await later.quit()
  const [key = '', value] =
    [...(await segmentsIn(store()))].find(([known]) => !before.has(known)) ?? expect.fail()
  const damaged = store()
  await damaged.open()
  await damaged.write([
    { key: Buffer.from(key, 'hex'), value: Buffer.from(value).fill(0xff, value.length - 20) },
  ])
  await damaged.close()

  const again = await room.desk({ profile: ada.profile })
  await again.page.getByRole('button', { name: /^Garden/ }).click()
  await again.shows('# Garden in May')
  await again.says('Needs attention')
  await again.press('Go on without it')
  await again.shows('# Garden')
  await again.type(' alone')
  await again.says('Saved')
  await again.shows('# Garden alone')
  expect([ada, later, again].flatMap((desk) => desk.errors)).toEqual([])
})

/** Returns the segments in a closed profile's database, in order, by key in hex. */
async function segmentsIn(store: LevelStore): Promise<Map<string, Uint8Array>> {
  await store.open()
  const found = new Map<string, Uint8Array>()
  for await (const [key, value] of store.entries({ gte: Buffer.from('g'), lt: Buffer.from('h') }))
    found.set(hex(key), value)
  await store.close()
  return found
}
