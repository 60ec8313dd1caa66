import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Child, ChildProgram } from '../support/child-program'
import { randomFrom } from '../support/random'
import { docCount } from './arranging-steps'

const kills = Number(process.env.SWARMPAD_KILLS ?? 4)
/** The program is killed so many ms after the step at which it is to die, at most. */
const instant = 40

let folder: string
let program: ChildProgram
const children: Child[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-arranging-'))
  program = await ChildProgram.from('test/contract/arranging-child.ts')
})
afterAll(async () => {
  for (const child of children) await child.kill()
  await program.remove()
  await rm(folder, { recursive: true, force: true })
})

it(`a person who arranges, removes and restores loses nothing by ${kills} times kill -9, and finds nothing twice`, async () => {
  const random = randomFrom(Number(process.env.SWARMPAD_SEED ?? 49))
  let done = 0
  for (let kill = 0; kill < kills; kill++) {
    const child = program.start(join(folder, 'profile'), String(done))
    children.push(child)
    // Later runs also get to the second in which the private document is written.
    await child.until(1 + random.below(kill % 2 === 0 ? 4 * docCount : 60 * docCount))
    await new Promise((resolve) => setTimeout(resolve, random.below(instant)))
    await child.kill()
    const [found = '', ...steps] = child.lines
    expect(found).toMatch(/^found \d+$/)
    done = Number(steps.at(-1) ?? found.slice('found '.length))
  }
  expect(done).toBeGreaterThan(docCount)
})
