import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SharedDocument, Workspace } from '../../main/headless'
import { keysFromWrite } from '../../main/keys/derive'
import { formatLink, formatPairingLink, keysFromLink, parseLink } from '../../main/keys/link'
import { LevelStore } from '../../main/storage/level-store'
import { encodeStoreVersion, storeVersion } from '../../main/storage/store-version'
import type { Child } from '../support/child-program'
import { keeper, memoryOf, runKeeper } from '../support/keeper'
import { randomFrom } from '../support/random'
import { filesIn, traces } from '../support/secrets'

const limit = 120_000
const seed = Number(process.env.SWARMPAD_SEED ?? 20_261_124)

describe('a keeper', () => {
  let testnet: Testnet
  let folder: string
  let bootstrap: string
  const keepers = new Set<Child>()
  const running = new Set<Workspace>()
  beforeAll(async () => {
    testnet = await createTestnet(4)
    bootstrap = `127.0.0.1:${testnet.bootstrap[0]?.port}`
  })
  afterAll(() => testnet.destroy())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'swarmpad-keeper-'))
  })
  afterEach(async () => {
    await Promise.all([...running].map((workspace) => workspace.close()))
    running.clear()
    await Promise.all([...keepers].map((child) => child.kill()))
    keepers.clear()
    await rm(folder, { recursive: true, force: true })
  })

  const profileOf = (name: string) => join(folder, name)
  const start = async (name = 'keeper', args: readonly string[] = []): Promise<Child> => {
    const child = await runKeeper(profileOf(name), ['--bootstrap', bootstrap, ...args])
    keepers.add(child)
    return child
  }
  const kill = async (child: Child): Promise<void> => {
    keepers.delete(child)
    await child.kill()
  }
  const ask = (...args: string[]) => keeper([...args, '--profile', profileOf('keeper')])
  const open = async (name: string): Promise<Workspace> => {
    const built = pathToFileURL(resolve('out/main/headless.js')).href
    const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
    const workspace = await openWorkspace({ directory: profileOf(name), bootstrap: testnet.bootstrap, name })
    running.add(workspace)
    return workspace
  }
  const close = async (workspace: Workspace): Promise<void> => {
    running.delete(workspace)
    await workspace.close()
  }
  const type = async (document: SharedDocument, word: string) => {
    const { length } = await document.text()
    await document.edit([{ from: length, to: length, insert: word }])
  }
  const wait = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: limit, interval: 50 })
  /** Waits until someone else has confirmed that all of this profile's edits are stored there. */
  const confirmed = async (document: SharedDocument) => {
    await document.saved()
    await wait(() => expect(document.opened().status.unshared).toBe(false))
  }

  it('brings two together who are never there at the same time, also when it was killed in between', async () => {
    const ada = await open('ada')
    const hers = await ada.createDocument({ text: 'from Ada ' })
    const link = await hers.link('write')
    expect((await ask('add', await hers.link('keep'))).code).toBe(0)
    let child = await start()
    await confirmed(hers)
    await close(ada)
    await kill(child)
    child = await start()
    const ben = await open('ben')
    const his = await ben.openDocument(link)
    await wait(async () => expect(await his.text()).toBe('from Ada '))
    await type(his, 'from Ben ')
    await confirmed(his)
    await close(ben)
    await kill(child)
    await start()
    const again = await open('ada')
    const back = await again.document(his.id)
    await wait(async () => expect(await back.text()).toBe('from Ada from Ben '))
  })

  it('takes a link out of what it is wrapped in, and shows no link and no control character (L2, L6)', async () => {
    const link = formatLink(keysFromWrite(Buffer.alloc(32, 7)), 'write')
    const secret = link.slice(20, 40)
    const label = `\u001b[2J\u009b31mMinutes\r\nof <${link}>`
    const mail = `Hello,\n\nhere is the link:\n> ${link.slice(0, 40)}\n> ${link.slice(40)}\n\nAda`
    const added = await keeper(['add', '-', '--label', label, '--profile', profileOf('keeper')], mail)
    expect(added).toMatchObject({ code: 0, err: '' })
    const child = await start()
    const answers = [
      added,
      await ask('list'),
      await ask('list', '--json'),
      await ask('status'),
      await ask('status', '--json'),
      await ask('add', `<${link.slice(0, -1)}>`),
      await ask('add', link, `<${link}>`),
      await ask(`<${link}>`),
      await ask(`--${link}`),
      await ask('remove', link),
    ]
    for (const { out, err } of answers) {
      expect(out + err).not.toContain(secret)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    }
    expect(answers[1]?.out).toContain('Minutes\\u000d\\u000aof <swarmpad:…>')
    expect(JSON.parse(answers[2]?.out ?? '')[0].label).toContain('Minutes\r\nof <swarmpad:…>')
    expect(child.lines.join('\n')).not.toContain(secret)
  })

  it('is counted once, also while the connection to the program that was killed is still there', async () => {
    const ada = await open('ada')
    const hers = await ada.createDocument({ text: 'counted ' })
    expect((await ask('add', await hers.link('keep'))).code).toBe(0)
    const child = await start()
    await confirmed(hers)
    const seen = new Set<number>()
    const stop = hers.on('status', () => seen.add(hers.opened().status.keepers.all))
    const [known] = hers.peers()
    await kill(child)
    await start()
    await wait(() => {
      const keys = hers.peers().map(({ key }) => key)
      expect(keys.length === 1 && keys[0] !== known?.key).toBe(true)
    })
    await type(hers, 'again ')
    await confirmed(hers)
    await wait(() => expect(hers.opened().status.keepers).toEqual({ all: 1, withMine: 1 }))
    stop()
    expect(Math.max(...seen)).toBe(1)
  })

  it('takes, lists and drops documents, while it runs and while it does not', async () => {
    const ada = await open('ada')
    const [one, two] = [await ada.createDocument({ text: 'one' }), await ada.createDocument({ text: 'two' })]
    const bad = await ask('add', 'swarmpad:spk1nonsense')
    expect([bad.code, bad.out]).toEqual([1, ''])
    expect(bad.err).toMatch(/damaged/)
    expect(bad.err).not.toContain('spk1')
    // A link that pairs two computers of a person opens no document, and is not stored.
    const pairing = await ask('add', formatPairingLink(Buffer.alloc(32, 9)))
    expect([pairing.code, pairing.out]).toEqual([1, ''])
    expect(pairing.err).toMatch(/opens no document/)
    const read = await ask('add', await two.link('read'))
    expect(read.code).toBe(1)
    expect(read.err).toMatch(/Copy keeper link/)
    const reduced = await keeper(
      ['add', '-', '--label', 'Minutes', '--profile', profileOf('keeper')],
      `${await one.link('write')}\n`,
    )
    expect(reduced.out).toMatch(/was a write link/)
    const list = await readFile(join(profileOf('keeper'), 'documents.json'), 'utf8')
    expect(list).not.toMatch(/spw1|spr1/)
    expect((await stat(join(profileOf('keeper'), 'documents.json'))).mode & 0o077).toBe(0)
    expect(JSON.parse((await ask('list', '--json')).out)).toEqual([{ id: one.id, label: 'Minutes' }])
    const idle = await ask('status')
    expect([idle.code, idle.err.includes('swarmpad-keeper run')]).toEqual([1, true])

    const child = await start('keeper', ['--metrics', '0'])
    const port = JSON.parse(child.lines.at(-1) ?? '{}').metrics
    await confirmed(one)
    expect((await ask('add', await two.link('keep'))).code).toBe(0)
    await confirmed(two)
    expect((await stat(join(profileOf('keeper'), 'control.sock'))).mode & 0o077).toBe(0)
    const { documents, network } = JSON.parse((await ask('status', '--json')).out)
    expect(network).toBe('online')
    expect(documents.map(({ id, label, full }: Record<string, unknown>) => ({ id, label, full }))).toEqual([
      { id: one.id, label: 'Minutes', full: null },
      { id: two.id, label: '', full: null },
    ])
    expect((await ask('status')).out).toMatch(/2 documents[\s\S]*Minutes {2}1 changes? of 1 sessions/)
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(text).toMatch(/^swarmpad_keeper_documents 2$/m)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    const second = await keeper(['run', '--profile', profileOf('keeper'), '--bootstrap', bootstrap])
    expect([second.code, second.err.length > 0]).toEqual([1, true])
    expect((await ask('remove', two.id.slice(0, 8))).code).toBe(0)
    expect(JSON.parse((await ask('list', '--json')).out).length).toBe(1)
    expect((await ask('remove', two.id)).err).toMatch(/No document/)

    child.process.kill('SIGTERM')
    expect(await child.end()).toBe(0)
    keepers.delete(child)
    expect((await ask('remove', one.id)).code).toBe(0)
    expect((await ask('list')).out).toMatch(/No document is kept here/)
    for (const said of [...child.lines, text, reduced.out, list.length > 0 ? '' : 'no list'])
      expect(said).not.toMatch(/sp[wrk]1/)
  })

  it('ends with 1 and plain words where a newer program has written, and changes nothing (S18)', async () => {
    const store = new LevelStore(join(profileOf('keeper'), 'store'))
    await store.open()
    await store.write([{ key: Buffer.from('!form'), value: encodeStoreVersion(storeVersion + 1) }])
    await store.close()
    const { code, err } = await ask('run', '--bootstrap', bootstrap)
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^swarmpad-keeper: A newer Swarmpad has used this profile/),
    ])
  })

  it('says what is wrong with its arguments, and what it can do', async () => {
    for (const [args, words] of [
      [['fly'], /no such command/],
      [['add'], /takes one link/],
      [['run', '--quota', 'much'], /--quota takes a size/],
      [['run', '--bootstrap', 'nowhere'], /HOST:PORT/],
      [['run', '--metrics', '70000'], /takes a port/],
      [['run', '--unknown'], /--unknown/],
    ] as const) {
      const { code, err } = await keeper([...args, '--profile', profileOf('keeper')])
      expect([code, words.test(err), err.split('\n').length]).toEqual([1, true, 2])
    }
    expect((await keeper(['--help'])).out).toMatch(/^usage: swarmpad-keeper/)
    expect((await keeper(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('says FULL and takes nothing new, and loses nothing that it has', async () => {
    const ada = await open('ada')
    const hers = await ada.createDocument({ text: 'small ' })
    const link = await hers.link('write')
    await ask('add', await hers.link('keep'))
    const child = await start('keeper', ['--quota', '64K'])
    await confirmed(hers)
    await type(hers, randomFrom(seed).bytes(120_000).toString('hex'))
    await wait(async () => expect((await ask('status')).out).toMatch(/FULL \(document\)/))
    await type(hers, 'later ')
    await hers.saved()
    expect(hers.opened().status.unshared).toBe(true)
    expect(child.lines.some((line) => JSON.parse(line).message.startsWith('Full'))).toBe(true)
    await close(ada)
    const ben = await open('ben')
    const his = await ben.openDocument(link)
    await wait(async () => expect(await his.text()).toMatch(/^small /))
    expect(await his.text()).not.toContain('later')
  })

  it.skipIf(process.platform !== 'linux')('has nothing readable in its memory or on its disk', async () => {
    const secrets: Record<string, string | Uint8Array> = {
      text: 'a sentence that stands nowhere else',
      title: 'An unheard-of heading',
      name: 'Wilhelmina Unique',
    }
    const ada = await open('ada')
    await ada.setName(String(secrets.name))
    const hers = await ada.createDocument({ text: `# ${secrets.title}\n\n${secrets.text}` })
    const writeLink = await hers.link('write')
    const { write, read, content, presence, manifest, salt, keep } = keysFromLink(parseLink(writeLink))
    await ask('add', await hers.link('keep'))
    const child = await start()
    await confirmed(hers)
    await type(hers, `, and ${secrets.text} again`)
    await confirmed(hers)
    const memory = await memoryOf(child.process.pid ?? 0)
    const keys = { write, read, content, presence, manifest, salt }
    for (const [name, key] of Object.entries(keys)) secrets[name] = key ?? expect.fail()
    secrets['write link'] = writeLink.replace('swarmpad:', '')
    secrets['read link'] = (await hers.link('read')).replace('swarmpad:', '')
    expect(memory.reduce((sum, [, { length }]) => sum + length, 0)).toBeGreaterThan(20_000_000)
    expect(traces(memory, secrets)).toEqual([])
    // Proves that the search works: it finds the one key that the keeper does hold.
    expect(traces(memory, { keep }).length).toBeGreaterThan(0)
    child.process.kill('SIGTERM')
    await child.end()
    keepers.delete(child)
    expect(traces(filesIn(profileOf('keeper')), secrets)).toEqual([])
  })
})
