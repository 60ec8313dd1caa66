import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { SharedDocument, Workspace } from '../../main/headless'
import { type Child, ChildProgram } from '../support/child-program'
import { keeper, runKeeper } from '../support/keeper'
import { Asked } from '../support/lab/asked'
import type { Lie } from '../support/lying-log'
import { storedDocument } from '../support/stored-text'

/** How long anything may take that programs on one machine do together, in ms. */
const limit = 120_000
const soak = process.env.SWARMPAD_SOAK === '1'

/**
 * How long someone new may need for the whole text, who meets a keeper that lies and then one that does not, in ms:
 * as long as it takes to drop a peer that gives nothing (W35, W62), and to ask the other one.
 */
const cases: readonly (readonly [lie: Lie, bound: number])[] = [
  ['withholds', 60_000],
  ['forges', 60_000],
  ['lags', 60_000],
  ['hoards', 60_000],
  ...(soak ? [['stalls', 120_000] as const] : []),
]

let testnet: Testnet
let program: ChildProgram
beforeAll(async () => {
  testnet = await createTestnet(4)
  program = await ChildProgram.from('test/network-local/lying-keeper-child.ts')
})
afterAll(async () => {
  await program.remove()
  await testnet.destroy()
})

const wait = (check: () => Promise<void> | void, timeout = limit) =>
  vi.waitFor(check, { timeout, interval: 20 })

/** A document of Ada's with two keepers, of which one lies. */
class Scene {
  readonly write: string
  readonly keep: string
  readonly honest: string
  private readonly folder: string
  private readonly children = new Set<Child>()
  private readonly running = new Set<Workspace>()

  private constructor(folder: string, links: { write: string; keep: string }) {
    this.folder = folder
    this.honest = join(folder, 'honest')
    this.write = links.write
    this.keep = links.keep
  }

  /** Makes it; the document says 'start ', and nobody is there. */
  static async open(): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'swarmpad-liars-'))
    const { openWorkspace } = await built()
    const ada = await openWorkspace({
      directory: join(folder, 'Ada'),
      bootstrap: testnet.bootstrap,
      name: 'Ada',
    })
    const made = await ada.createDocument({ text: 'start ' })
    const links = { write: await made.link('write'), keep: await made.link('keep') }
    await ada.close()
    const scene = new Scene(folder, links)
    expect((await keeper(['add', links.keep, '--profile', scene.honest])).code).toBe(0)
    return scene
  }

  async startHonest(): Promise<Child> {
    const bootstrap = `127.0.0.1:${testnet.bootstrap[0]?.port}`
    const child = await runKeeper(this.honest, ['--bootstrap', bootstrap])
    this.children.add(child)
    return child
  }

  async startLiar(lie: Lie): Promise<Asked> {
    const child = program.start(JSON.stringify({ port: testnet.bootstrap[0]?.port, link: this.keep, lie }))
    this.children.add(child)
    return Asked.when(child)
  }

  async kill(child: Child): Promise<void> {
    this.children.delete(child)
    await child.kill()
  }

  /** Somebody starts the program and opens the document. */
  async enter(name: string): Promise<{ document: SharedDocument; leave: () => Promise<void> }> {
    const { openWorkspace } = await built()
    const directory = join(this.folder, name)
    const workspace = await openWorkspace({ directory, bootstrap: testnet.bootstrap, name })
    this.running.add(workspace)
    const leave = async () => {
      this.running.delete(workspace)
      await workspace.close()
    }
    return { document: await workspace.openDocument(this.write), leave }
  }

  async close(): Promise<void> {
    await Promise.all([...this.running].map((workspace) => workspace.close()))
    await Promise.all([...this.children].map((child) => child.kill()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

const built = async (): Promise<typeof import('../../main/headless')> =>
  import(pathToFileURL(resolve('out/main/headless.js')).href)

const type = async (document: SharedDocument, words: readonly string[]): Promise<void> => {
  for (const word of words) {
    const { length } = await document.text()
    await document.edit([{ from: length, to: length, insert: word }])
    await document.saved()
  }
}

const words = (name: string) => Array.from({ length: 6 }, (_, index) => `${name}.${index} `)

/** Waits until so many keepers say that they have stored all that this profile wrote. */
const confirmed = (document: SharedDocument, count: number) =>
  wait(() => expect(document.opened().status.keepers.withMine).toBe(count))

/** Waits until the keeper that does not lie has confirmed it. */
const confirmedByHonest = (document: SharedDocument) =>
  wait(() =>
    expect(document.opened().status.holders).toContainEqual(
      expect.objectContaining({ name: '', kind: 'keeper', here: true, hasMine: true }),
    ),
  )

/** Waits until a document has a text. */
const reads = (document: SharedDocument, text: string, bound = limit) =>
  wait(async () => expect(await document.text()).toBe(text), bound)

describe.concurrent('two keepers of which one lies', () => {
  it.each(cases)(
    'that %s: someone new has all within %i ms, and nothing is lost',
    {
      timeout: 10 * limit,
    },
    async (lie, bound) => {
      const scene = await Scene.open()
      // One that hoards can prove what it says only while no bytes are asked for.
      const stored = lie === 'hoards' ? confirmedByHonest : confirmed
      try {
        let child = await scene.startHonest()
        const liar = await scene.startLiar(lie)
        // One that lags does not take all, and says so.
        const both = lie === 'lags' ? 1 : 2
        // Two sessions: not all has to be asked of one keeper.
        for (const round of ['one', 'two']) {
          const { document, leave } = await scene.enter('Ada')
          await type(document, words(round))
          await stored(document, both)
          await leave()
        }
        const all = ['start ', ...words('one'), ...words('two')].join('')
        expect(await liar.ask<number>('changes')).toBeGreaterThan(0)

        // The one that lies is met first.
        await scene.kill(child)
        const ben = await scene.enter('Ben')
        const entered = performance.now()
        await wait(async () => expect(await liar.ask<number>('peers')).toBe(1))
        expect(await ben.document.text()).not.toBe(all)
        child = await scene.startHonest()
        await reads(ben.document, all, bound)
        console.log(`one ${lie}: all was there after ${Math.round(performance.now() - entered)} ms`)

        await type(ben.document, words('ben'))
        // A keeper that serves forged data has been disconnected.
        await stored(ben.document, lie === 'forges' ? 1 : both)
        await ben.leave()
        const after = all + words('ben').join('')
        const ada = await scene.enter('Ada')
        await reads(ada.document, after)
        const { problem, leftOut } = ada.document.opened().status
        expect([problem, leftOut]).toEqual([null, []])
        await ada.leave()
        await scene.kill(child)
        expect((await storedDocument(scene.honest, scene.write)).text).toBe(after)
      } finally {
        await scene.close()
      }
    },
  )

  it('and confirms what it drops: what the other confirmed is there, and the rest once its author is back', async () => {
    const scene = await Scene.open()
    try {
      const child = await scene.startHonest()
      await scene.startLiar('withholds')
      const ada = await scene.enter('Ada')
      await type(ada.document, ['safe '])
      await confirmed(ada.document, 2)
      child.process.kill('SIGTERM')
      expect(await child.end()).toBe(0)
      await wait(() => expect(ada.document.opened().status.keepers.all).toBe(1))
      await type(ada.document, ['unlucky '])
      await confirmed(ada.document, 1)
      await ada.leave()

      await scene.startHonest()
      const ben = await scene.enter('Ben')
      await reads(ben.document, 'start safe ')
      await type(ben.document, ['from Ben '])
      await confirmed(ben.document, 2)
      const again = await scene.enter('Ada')
      await wait(async () => {
        const text = await again.document.text()
        expect(text).toMatch(/^start safe (unlucky from Ben|from Ben unlucky) $/)
        expect(await ben.document.text()).toBe(text)
      })
      // The liar's signed receipts are kept, with its name and its key.
      const names = again.document.opened().status.holders.map(({ name }) => name)
      expect(names).toContain('Liar')
    } finally {
      await scene.close()
    }
  })
})
