import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ChangeSet } from '@codemirror/state'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import { type DocumentKeys, keysFromKeep, keysFromRead, makeManifest } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { noMark } from '../../main/log/format/segment'
import { type LoggedChange, SessionLog } from '../../main/log/session-log'
import { Replica } from '../../main/replica/replica'
import { encodeReceipt, encodeVector, messageTypes } from '../../main/sync/wire/messages'
import { watchSlowness } from '../support/process-cost'
import { type Attack, HostilePeer, type Line } from './hostile-peer'

/** The built program, with real threads and files. */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL('out/main/headless.js').href
)

/** How long anything here may take, in ms. */
const limit = 120_000
/**
 * How much more memory the process may hold while it is attacked, in bytes. The attackers are in it, and what they
 * cannot send on a busy machine waits there.
 */
const budget = 600 * 1024 * 1024
const rounds = 60

let testnet: Testnet
const folders: string[] = []
const unforeseen: unknown[] = []
const note = (error: unknown) => unforeseen.push(error)

beforeAll(async () => {
  testnet = await createTestnet(4)
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
})
afterAll(async () => {
  await testnet.destroy()
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'swarmpad-hostile-'))
  folders.push(made)
  return made
}

/** Bytes that say 'a batch' to Protomux: a batch of batches of batches. */
const nestedBatches = Buffer.alloc(20_000)

/** Attacks by a stranger who knows only the topic, and by holders of each kind of link. */
const attacks = (keys: DocumentKeys): Record<string, Attack> => {
  const reader = keysFromRead(keys.read ?? expect.fail(), makeManifest(keys))
  const keeper = keysFromKeep(keys.keep, keys.verify ?? expect.fail())
  return {
    'random bytes': (line) => line.keepOn(5, () => line.raw(line.random.bytes(1 + line.random.below(3_000)))),
    'batches in batches': (line) => line.keepOn(5, () => line.raw(nestedBatches)),
    'frames over the limit': (line) => line.keepOn(20, () => line.raw(Buffer.alloc(600_000, 1))),
    'openings without end': (line) => line.keepOn(5, () => openMany(line, 2_000)),
    'silence after half a word': (line) => line.raw(Buffer.of(0)),
    'garbage in every message, with a keep link': (line) =>
      line.open(keeper, (port) =>
        line.keepOn(5, () =>
          port.send(line.random.pick(messageTypes), line.random.bytes(line.random.below(500))),
        ),
      ),
    'claims and comparisons without end, with a keep link': (line) =>
      line.open(keeper, (port) =>
        line.keepOn(5, () => {
          const entries = Array.from(
            { length: 100 },
            () => [hex(line.random.bytes(32)), { base: 0, tip: 9, mark: noMark }] as const,
          )
          port.send('vector', encodeVector({ last: true, entries }))
          port.send('receipt', encodeReceipt(entries))
        }),
      ),
    'a flood of presence, with a read link': (line) =>
      line.open(reader, (port) =>
        line.keepOn(2, () => {
          for (let count = 0; count < 50; count++) port.send('presence', line.random.bytes(900))
        }),
      ),
    'segments of a session that nobody admitted, with a read link': (line) =>
      line.open(reader, (port) => {
        const forged = forgedSession(line)
        line.keepOn(20, () => {
          port.send('certificate', forged.certificate)
          port.send('segment', forged.seal([change(line)]).bytes)
        })
      }),
    'changes that Automerge refuses, with a write link': (line) =>
      line.open(keys, (port) => {
        const { session, next } = poisoner(keys)
        port.send('vector', encodeVector({ last: true, entries: [] }))
        line.keepOn(20, () => {
          if (session.tip >= 3) return
          port.send('certificate', session.certificate)
          port.send('segment', session.seal([next()]).bytes)
        })
      }),
  }
}

/** Opens channels that the other side never heard of, as Protomux says it. */
function openMany(line: Line, count: number): void {
  for (let number = 0; number < count; number++)
    line.raw(
      Buffer.concat([
        Buffer.of(0, 1, (number % 250) + 1),
        Buffer.from([3]),
        Buffer.from('abc'),
        Buffer.of(0),
      ]),
    )
}

/** A session of someone who holds another document's write key. */
function forgedSession(line: Line): SessionLog {
  const other = keysFromLink(parseLink(foreignLink))
  return new SessionLog({
    documentId: other.documentId,
    keys: other,
    identity: identityFromSeed(line.random.bytes(32)),
    name: 'Mallory',
    environment: systemEnvironment,
  })
}
let foreignLink = ''

const change = (line: Line): LoggedChange => ({ bytes: line.random.bytes(200), hash: line.random.bytes(32) })

/** A writer whose changes pass every check but Automerge's own. */
function poisoner(keys: DocumentKeys) {
  const session = new SessionLog({
    documentId: keys.documentId,
    keys,
    identity: identityFromSeed(Buffer.alloc(32, 66)),
    name: 'Mallory',
    environment: systemEnvironment,
  })
  const replica = new Replica({
    documentId: keys.documentId,
    contentKey: keys.content ?? expect.fail(),
    actor: hex(session.session),
    now: Date.now,
  })
  const next = (): LoggedChange => {
    replica.edit(ChangeSet.of({ from: 0, insert: 'poison' }, replica.text.length))
    const [made] = replica.commit()
    const bytes = Buffer.from(made?.bytes ?? expect.fail())
    if (session.tip > 0) bytes.fill(0x7e, bytes.length - 6)
    const digest = createHash('sha256').update(bytes.subarray(8)).digest()
    digest.copy(bytes, 4, 0, 4)
    return { bytes, hash: digest }
  }
  return { session, next }
}

it('ten hostile peers at once cost two honest ones neither text nor much time', async () => {
  const { bootstrap } = testnet
  const ada = await openWorkspace({ directory: folder(), bootstrap, name: 'Ada' })
  const ben = await openWorkspace({ directory: folder(), bootstrap, name: 'Ben' })
  foreignLink = await (await ada.createDocument({ title: 'another' })).link('write')
  const here = await ada.createDocument({ title: 'Attacked' })
  const there = await ben.openDocument(await here.link('write'))
  await there.whenSynced({ timeout: limit })

  /** Both write lines in turn; resolves to the ms until both hold all of them. */
  const write = async (name: string): Promise<number> => {
    const started = performance.now()
    for (let round = 0; round < rounds; round++) {
      const document = round % 2 === 0 ? here : there
      await document.edit([{ from: 0, to: 0, insert: `${name} ${round}\n` }])
      // The pace of typing: what is compared is the time that it takes.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const all = (text: string) =>
      Array.from({ length: rounds }, (_, round) => `${name} ${round}\n`).every((line) => text.includes(line))
    await expect
      .poll(async () => all(await here.text()) && all(await there.text()), { timeout: limit, interval: 20 })
      .toBe(true)
    return performance.now() - started
  }
  const undisturbed = await write('calm')
  const before = process.memoryUsage().rss

  const keys = keysFromLink(parseLink(await here.link('write')))
  const crowd = Object.entries(attacks(keys)).map(([name, attack], index) => ({
    name,
    peer: new HostilePeer(bootstrap, attack, 1_000 * index),
  }))
  await Promise.all(crowd.map(({ peer }) => peer.open(keys.topic)))
  await expect
    .poll(() => crowd.filter(({ peer }) => peer.met === 0).map(({ name }) => name), { timeout: limit })
    .toEqual([])
  const slowness = watchSlowness()
  // Slowness caused by other programs on this machine does not count against the attacks.
  const disturbed = (await write('storm')) / slowness()

  await here.whenSynced({ timeout: limit })
  await there.whenSynced({ timeout: limit })
  expect(unforeseen).toEqual([])
  await expect.poll(() => process.memoryUsage().rss - before, { timeout: limit }).toBeLessThan(budget)
  expect(disturbed).toBeLessThan(10 * Math.max(undisturbed, 2_000))
  await expect.poll(async () => (await here.text()) === (await there.text()), { timeout: limit }).toBe(true)
  // Of the writer who poisons, in a session for each victim, what was sound before counts and nothing after.
  const poisonous = crowd.find(({ name }) => name.startsWith('changes that Automerge refuses'))
  expect((await here.text()).split('poison').length - 1).toBeLessThanOrEqual(poisonous?.peer.met ?? 0)
  const { leftOut } = here.opened().status
  expect(leftOut.map(({ kind, name }) => [kind, name])).toContainEqual(['unreadable', 'Mallory'])

  // A late joiner missed everything, and gets it all from the others.
  const cleo = await openWorkspace({ directory: folder(), bootstrap, name: 'Cleo' })
  const late = await cleo.openDocument(await here.link('read'))
  await expect.poll(async () => (await late.text()) === (await here.text()), { timeout: limit }).toBe(true)
  for (const { peer } of crowd) await peer.close()
  for (const workspace of [ada, ben, cleo]) await workspace.close()
})

it('a session with two histories is told, and everyone writes on', async () => {
  const { bootstrap } = testnet
  const ada = await openWorkspace({ directory: folder(), bootstrap, name: 'Ada' })
  const ben = await openWorkspace({ directory: folder(), bootstrap, name: 'Ben' })
  const here = await ada.createDocument({ title: 'Doubled' })
  const there = await ben.openDocument(await here.link('write'))
  await there.whenSynced({ timeout: limit })
  const keys = keysFromLink(parseLink(await here.link('write')))
  const twins = [twin(keys), twin(keys)]
  const peer = new HostilePeer(
    bootstrap,
    (line) =>
      line.open(keys, (port) => {
        port.send('vector', encodeVector({ last: true, entries: [] }))
        for (const { session } of twins) port.send('certificate', session.certificate)
        for (const { segment } of twins) port.send('segment', segment)
      }),
    7,
  )
  await peer.open(keys.topic)
  for (const document of [here, there])
    await expect
      .poll(() => document.opened().status.leftOut, { timeout: limit })
      .toContainEqual(expect.objectContaining({ kind: 'two-histories', name: 'Mallory' }))
  await here.edit([{ from: 0, to: 0, insert: 'Ada goes on. ' }])
  await there.edit([{ from: 0, to: 0, insert: 'So does Ben. ' }])
  const both = (text: string) => text.includes('Ada goes on. ') && text.includes('So does Ben. ')
  await expect
    .poll(async () => both(await here.text()) && both(await there.text()), { timeout: limit })
    .toBe(true)
  expect(unforeseen).toEqual([])
  await peer.close()
  for (const workspace of [ada, ben]) await workspace.close()
})

/** One of two machines that hold the same session, as a copy of a running one would, and one change of its own. */
function twin(keys: DocumentKeys): { session: SessionLog; segment: Uint8Array } {
  let shared = 1
  const random = (size: number) => (shared-- > 0 ? Buffer.alloc(size, 5) : systemEnvironment.random(size))
  const session = new SessionLog({
    documentId: keys.documentId,
    keys,
    identity: identityFromSeed(Buffer.alloc(32, 6)),
    name: 'Mallory',
    environment: { ...systemEnvironment, random },
    seed: Buffer.alloc(32, 4),
  })
  const bytes = systemEnvironment.random(100)
  const segment = session.seal([{ bytes, hash: systemEnvironment.random(32) }]).bytes
  return { session, segment }
}
