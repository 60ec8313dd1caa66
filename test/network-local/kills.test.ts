import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Workspace } from '../../main/headless'
import { type Child, ChildProgram } from '../support/child-program'
import { keeper, startKeeper } from '../support/keeper'
import { randomFrom } from '../support/random'
import { storedDocument } from '../support/stored-text'

/** How long anything may take that programs on one machine do together, in ms. */
const limit = 120_000
const soak = process.env.SWARMPAD_SOAK === '1'
const seed = Number(process.env.SWARMPAD_SEED ?? 20_261_124)
/** Times that a keeper, who writes, or both are killed. */
const kills = Number(process.env.SWARMPAD_KILLS ?? (soak ? 1_000 : 12))
/**
 * After so many kills all go on with another DHT: one names those who are gone for 20 minutes, each of its nodes any 20
 * of all, and after hundreds of kills hardly ever the one who lives.
 */
const killsPerDht = 20
/** A start is killed within so many ms, and who is at work so many ms after the next confirmation, at most. */
const instants = { starting: 1_200, working: 300 }

type Part = 'keeper' | 'writer'

let testnet: Testnet
let folder: string
let program: ChildProgram
const running = new Map<Part, Child>()
const workspaces: Workspace[] = []
beforeAll(async () => {
  testnet = await createTestnet(4)
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-kills-'))
  program = await ChildProgram.from('test/network-local/confirming-child.ts')
})
afterAll(async () => {
  await Promise.all([...running.values()].map((child) => child.kill()))
  await Promise.all(workspaces.map((workspace) => workspace.close()))
  await program.remove()
  await testnet.destroy()
  await rm(folder, { recursive: true, force: true })
})

const profileOf = (name: string) => join(folder, name)
const open = async (name: string): Promise<Workspace> => {
  const built = pathToFileURL(resolve('out/main/headless.js')).href
  const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
  const workspace = await openWorkspace({ directory: profileOf(name), bootstrap: testnet.bootstrap, name })
  workspaces.push(workspace)
  return workspace
}

it(`nothing that was saved or confirmed is lost by ${kills} times kill -9 of a keeper, of who writes, or of both`, {
  timeout: 2 * limit + kills * 100_000,
}, async () => {
  const random = randomFrom(seed)
  const port = () => String(testnet.bootstrap[0]?.port)
  const ada = await open('writer')
  const made = await ada.createDocument({ text: 'start ' })
  const link = await made.link('write')
  expect((await keeper(['add', await made.link('keep'), '--profile', profileOf('keeper')])).code).toBe(0)
  await ada.close()

  /** Words by their number: those that who writes called saved, and of these those that the keeper has confirmed. */
  const saved: number[] = []
  let confirmed = -1
  let next = 0
  let read = 0
  const hear = (): void => {
    const lines = running.get('writer')?.lines ?? []
    for (; read < lines.length; read++) {
      const said = JSON.parse(lines[read] ?? '{}') as { saved?: number; confirmed?: number }
      if (said.saved !== undefined) saved.push(said.saved)
      if (said.confirmed !== undefined) confirmed = said.confirmed
    }
  }
  const start = (part: Part): void => {
    if (running.has(part)) return
    if (part === 'keeper') {
      running.set(part, startKeeper(profileOf(part), ['--bootstrap', `127.0.0.1:${port()}`]))
      return
    }
    // The one after may be saved without having been called so.
    next = (saved.at(-1) ?? -1) + 2
    read = 0
    running.set(part, program.start(profileOf(part), port(), link, String(next)))
  }
  const kill = async (part: Part): Promise<void> => {
    await running.get(part)?.kill()
    if (part === 'writer') hear()
    running.delete(part)
  }
  const lost = async (part: Part, last: number): Promise<number[]> => {
    const { text, journaled } = await storedDocument(profileOf(part), link)
    const words = new Set([text, journaled].flatMap((found) => found.match(/⟦\d+⟧/g) ?? []))
    return saved.filter((word) => word <= last && !words.has(`⟦${word}⟧`))
  }

  const renewDht = async (): Promise<void> => {
    await kill('writer')
    await kill('keeper')
    await testnet.destroy()
    testnet = await createTestnet(4)
  }

  const killed = { keeper: 0, writer: 0 }
  const waits: number[] = []
  const begun = performance.now()
  for (let round = 0; round < kills; round++) {
    if (round > 0 && round % killsPerDht === 0) await renewDht()
    start('keeper')
    start('writer')
    const atWork = random.chance(0.75)
    if (atWork) {
      hear()
      const before = Math.max(confirmed, next - 1)
      const from = performance.now()
      await vi.waitFor(
        () => {
          hear()
          expect(confirmed).toBeGreaterThan(before)
        },
        { timeout: limit, interval: 5 },
      )
      waits.push(Math.round(performance.now() - from))
    }
    // Not a wait: the instant of the kill is what is drawn.
    await new Promise((done) => setTimeout(done, random.below(atWork ? instants.working : instants.starting)))
    const victims = random.pick<readonly Part[]>([['keeper'], ['writer'], ['keeper', 'writer']])
    await Promise.all(victims.map(kill))
    hear()
    for (const victim of victims) {
      killed[victim]++
      // At once: what the other still has would come again.
      expect(await lost(victim, victim === 'keeper' ? confirmed : Number.POSITIVE_INFINITY)).toEqual([])
    }
  }
  console.log({
    killed,
    saved: saved.length,
    confirmed: saved.filter((word) => word <= confirmed).length,
    'from a start to the first new word confirmed, ms, half of them and all': [
      waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)],
      waits.at(-1),
    ],
    seconds: Math.round((performance.now() - begun) / 1_000),
  })
  await kill('writer')
  await kill('keeper')
  start('keeper')
  const his = await (await open('ben')).openDocument(link)
  await vi.waitFor(
    async () => {
      const text = await his.text()
      expect(saved.filter((word) => word <= confirmed && !text.includes(`⟦${word}⟧`))).toEqual([])
    },
    { timeout: limit, interval: 50 },
  )
  expect(confirmed).toBeGreaterThan(kills)
})
