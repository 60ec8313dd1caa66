import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SharedDocument, Workspace } from '../../main/headless'
import { type Child, ChildProgram } from '../support/child-program'

const limit = 120_000

/** A session is one start of a worker: copied, restored and killed profiles open others, and nothing forks. */
describe('a profile (C1)', () => {
  let testnet: Testnet
  let folder: string
  let program: ChildProgram
  let child: Child | null = null
  const running = new Set<Workspace>()
  beforeAll(async () => {
    testnet = await createTestnet(4)
    program = await ChildProgram.from('test/network-local/writer-child.ts')
  })
  afterAll(async () => {
    await program.remove()
    await testnet.destroy()
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'swarmpad-profiles-'))
  })
  afterEach(async () => {
    await child?.kill()
    child = null
    await Promise.all([...running].map((workspace) => workspace.close()))
    running.clear()
    await rm(folder, { recursive: true, force: true })
  })

  const open = async (name: string): Promise<Workspace> => {
    const built = pathToFileURL(resolve('out/main/headless.js')).href
    const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
    const workspace = await openWorkspace({
      directory: join(folder, name),
      bootstrap: testnet.bootstrap,
      name: 'Ada',
    })
    running.add(workspace)
    return workspace
  }
  const close = async (workspace: Workspace): Promise<void> => {
    running.delete(workspace)
    await workspace.close()
  }
  const type = (document: SharedDocument, word: string) => document.edit([{ from: 0, to: 0, insert: word }])
  /** Waits until all hold one text with each word in it once, and nobody has a notice of two histories. */
  const agree = async (documents: readonly SharedDocument[], words: readonly string[]): Promise<void> => {
    await vi.waitFor(
      async () => {
        const texts = await Promise.all(documents.map((document) => document.text()))
        expect(new Set(texts).size).toBe(1)
        for (const word of words) expect(texts[0]?.split(word).length, word).toBe(2)
      },
      { timeout: limit, interval: 50 },
    )
    for (const document of documents) expect(document.opened().status.problem).toBeNull()
  }

  it('that was copied makes no second history: both copies write on, each in sessions of its own', async () => {
    const first = await open('first')
    const made = await first.createDocument({ text: 'start ' })
    await type(made, 'before ')
    // Copies of a profile do not know of each other: they meet where everyone with the link does.
    await made.link('write')
    await made.saved()
    const { id } = made
    await close(first)
    await cp(join(folder, 'first'), join(folder, 'second'), { recursive: true })
    const [one, two] = await Promise.all([open('first'), open('second')])
    const documents = await Promise.all([one.document(id), two.document(id)])
    for (const round of ['A', 'B', 'C'])
      await Promise.all(documents.map((document, index) => type(document, `${round}${index} `)))
    await agree(documents, ['start ', 'before ', 'A0 ', 'A1 ', 'B0 ', 'B1 ', 'C0 ', 'C1 '])
  })

  it('that was restored from an older copy gets back what it had shared since, and writes on', async () => {
    const friend = await open('friend')
    const theirs = await friend.createDocument({ text: 'start ' })
    const link = await theirs.link('write')
    const first = await open('mine')
    const mine = await first.openDocument(link)
    await type(mine, 'early ')
    await agree([mine, theirs], ['start ', 'early '])
    await mine.saved()
    await close(first)
    await cp(join(folder, 'mine'), join(folder, 'copy'), { recursive: true })
    const second = await open('mine')
    const later = await second.openDocument(link)
    await type(later, 'later ')
    await agree([later, theirs], ['early ', 'later '])
    await close(second)
    await rm(join(folder, 'mine'), { recursive: true })
    await cp(join(folder, 'copy'), join(folder, 'mine'), { recursive: true })
    const third = await open('mine')
    const restored = await third.openDocument(link)
    await type(restored, 'restored ')
    await agree([restored, theirs], ['start ', 'early ', 'later ', 'restored '])
  })

  it('that is killed in the middle of writing has all that it called saved, and writes on', async () => {
    const friend = await open('friend')
    const theirs = await friend.createDocument({ text: 'start ' })
    const link = await theirs.link('write')
    const port = String(testnet.bootstrap[0]?.port)
    let next = 0
    const saved: string[] = []
    for (let life = 0; life < 3; life++) {
      child = program.start(join(folder, 'killed'), port, link, String(next))
      await child.until(5 + 7 * life)
      await child.kill()
      saved.push(...child.lines.map((number) => `⟦${number}⟧`))
      // The one after may be saved without having been called so.
      next = Number(child.lines.at(-1)) + 2
    }
    const killed = await open('killed')
    const mine = await killed.openDocument(link)
    await type(mine, 'alive ')
    expect(saved.length).toBeGreaterThanOrEqual(5 + 12 + 19)
    await agree([mine, theirs], ['start ', 'alive ', ...saved])
  })
})
