import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { backupMark } from '../../../main/backup/backup-mark'
import { openFiles, readFiles } from '../../../main/electron/opened-files'
import type { Workspace } from '../../../main/workspace/workspace'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-files-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

it('a second backup among the files is not restored, and the person hears of it', async () => {
  const [first, second] = [await file('a.swarmpad', backupMark), await file('b.swarmpad', backupMark)]
  const chosen: string[] = []
  const choose = async (_: Workspace, path: string) => {
    chosen.push(path)
    return { name: 'a.swarmpad', size: 1, kind: 'profile', madeAt: 1 } as never
  }
  const { backup, problems } = await openFiles([first, second], {} as Workspace, { choose })
  expect(backup).toMatchObject({ name: 'a.swarmpad' })
  expect(chosen).toEqual([first])
  expect(problems).toEqual([expect.stringMatching(/^“b.swarmpad” was not opened: it is another backup/)])
})

it('texts that are dropped have a total bound; what fits after one that does not is read', async () => {
  const half = 'x'.repeat(8 * 1024 * 1024 - 1)
  const paths = [
    await file('a.md', half),
    await file('b.md', half),
    await file('c.md', 'abc'),
    await file('d.md', 'de'),
    await file('e.md', 'f'),
  ]
  const { texts, problems } = await readFiles(paths)
  expect(texts.map(({ length }) => length)).toEqual([half.length, half.length, 2])
  expect(problems).toEqual([
    expect.stringMatching(/^“c.md” was left out: the files together are larger than 16 MB/),
    expect.stringMatching(/^“e.md” was left out/),
  ])
  const large = await file('large.md', '')
  await truncate(large, 16 * 1024 * 1024 + 1)
  expect((await readFiles([large])).problems).toEqual([
    expect.stringMatching(/^“large.md” is larger than 16 MB/),
  ])
})

it('says first that not all files were opened', async () => {
  const { problems } = await readFiles(Array.from({ length: 250 }, () => join(folder, 'none.md')))
  expect(problems).toHaveLength(101)
  expect(problems[0]).toBe('Only the first 100 of the 250 files were opened.')
})
