import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasCode } from '../../../main/base/errors'
import { readTextFile } from '../../../main/electron/text-file'
import { errorWords } from '../../../preload/messages/errors'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-text-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'file.md')
  await writeFile(path, content)
  return path
}

const refused = async (path: string, words: RegExp) => {
  const error: unknown = await readTextFile(path).catch((error: unknown) => error)
  if (!hasCode(error, 'TEXT_FILE')) expect.fail(String(error))
  expect(errorWords(error)).toMatch(words)
}

describe('a file to make a document of', () => {
  it('is read as it is, without its byte order mark', async () => {
    expect(await readTextFile(await file('\ufeff# Über\r\n😀\r\n'))).toBe('# Über\r\n😀\r\n')
    expect(await readTextFile(await file(''))).toBe('')
  })

  it('must be text, and not too much of it', async () => {
    await refused(await file(Uint8Array.of(0xff, 0xfe, 0x41, 0)), /not a text file/)
    await refused(await file('a\0b'), /not a text file/)
    const large = await file('')
    await truncate(large, 16 * 1024 * 1024 + 1)
    await refused(large, /larger than 16 MB/)
  })

  it('must be there, and be a file', async () => {
    await refused(join(folder, 'none.md'), /no file “none.md”/)
    await refused(folder, /not a file/)
    await refused('/dev/zero', /not a file/)
  })
})
