import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { streamFile } from '../../../main/base/atomic-file'
import { SwarmpadError } from '../../../main/base/errors'
import { writeFailureOf } from '../../../main/base/write-failure'
import { errorWords } from '../../../preload/messages/errors'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-write-'))
})
afterAll(() => rm(folder, { recursive: true }))

const failureAt = (path: string) =>
  streamFile({ path, content: 'x', unique: '1' }).then(() => null, writeFailureOf)

describe('a file that cannot be written', () => {
  it('has a reason that the system gives', async () => {
    await writeFile(join(folder, 'file'), 'x')
    expect(await failureAt(join(folder, 'x'.repeat(300)))).toBe('name')
    expect(await failureAt(join(folder, 'none', 'x.md'))).toBe('gone')
    expect(await failureAt(join(folder, 'file', 'x.md'))).toBe('gone')
  })

  it.skipIf(process.platform !== 'linux')(
    'is told from a full disk and a folder that takes nothing',
    async () => {
      expect(await writeFile('/dev/full', 'x').catch(writeFailureOf)).toBe('full')
      expect(['denied', 'gone']).toContain(await failureAt('/proc/x.md'))
    },
  )

  it('has another one when the system gives none', () => {
    for (const cause of [null, undefined, 'odd', new Error('x'), { code: 7 }, { code: 'constructor' }])
      expect(writeFailureOf(cause)).toBe('other')
    expect(writeFailureOf({ code: 'EROFS' })).toBe('denied')
    expect(writeFailureOf({ code: 'EDQUOT' })).toBe('full')
  })

  it.each([
    ['full', /^The copy could not be saved there: the disk is full\./],
    ['denied', /you may not write in that folder/],
    ['name', /its name is too long/],
    ['gone', /the folder is no longer there/],
    ['other', /^The copy could not be saved there\. Try again/],
  ] as const)('says what to do: %s', (because, words) => {
    expect(errorWords(new SwarmpadError('STORE_WRITE_FAILED', { what: 'copy', because }))).toMatch(words)
  })
})
