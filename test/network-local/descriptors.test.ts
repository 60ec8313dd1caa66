import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Child, ChildProgram } from '../support/child-program'

let testnet: Testnet
let folder: string
let program: ChildProgram
const running: Child[] = []

beforeAll(async () => {
  testnet = await createTestnet(2)
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-descriptors-'))
  program = await ChildProgram.from('test/network-local/descriptors-child.ts')
})
afterAll(async () => {
  for (const child of running) await child.kill()
  await program?.remove()
  await testnet?.destroy()
  await rm(folder, { recursive: true, force: true })
})

describe.skipIf(process.platform === 'win32')('a program that has no file descriptors left', () => {
  // With none, and with some, of which a thread needs more.
  it.each([0, 4])(
    'but %i saves what is typed all the same, goes on when it has some, and finds the network again',
    async (left) => {
      const prefix = ['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh']
      const port = String(testnet.bootstrap[0]?.port)
      const child = program.startIn(prefix, join(folder, `ada ${left}`), port, String(left))
      running.push(child)
      await child.until(6)
      expect(child.lines.map((line) => JSON.parse(line))).toEqual([
        'EMFILE',
        '# First',
        '# Second',
        '# First',
        'EMFILE',
        'on the network',
      ])
      expect(await child.end()).toBe(0)
    },
  )
})
