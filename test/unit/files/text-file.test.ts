import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isBackupFile } from '../../../main/backup/backup-mark'
import { hasCode } from '../../../main/base/errors'
import { readTextFile } from '../../../main/files/text-file'
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

  it('may be in UTF-16 of either byte order, with its mark', async () => {
    const little = Buffer.from('\ufeff# Über\n😀', 'utf16le')
    expect(await readTextFile(await file(little))).toBe('# Über\n😀')
    expect(await readTextFile(await file(Buffer.from(little).swap16()))).toBe('# Über\n😀')
    expect(await readTextFile(await file(Uint8Array.of(0xff, 0xfe)))).toBe('')
  })

  it('must be text, and not too much of it', async () => {
    for (const bytes of [
      'a\0b',
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
      Uint8Array.of(0xff, 0xfe, 0x41),
      Uint8Array.of(0xff, 0xfe, 0x00, 0xd8),
      Uint8Array.of(0xff, 0xfe, 0, 0, 0x41, 0, 0, 0),
      Buffer.from('without a mark', 'utf16le'),
      Uint8Array.of(0x4d, 0xfc, 0x6c, 0x6c),
    ])
      await refused(await file(bytes), /not text in UTF-8 or UTF-16/)
    const large = await file('')
    await truncate(large, 16 * 1024 * 1024 + 1)
    await refused(large, /larger than 16 MB/)
  })

  it('must be there, and be a file', async () => {
    await refused(join(folder, 'none.md'), /no file “none.md”/)
    await refused(folder, /is a folder/)
    await refused('/dev/zero', /not a file/)
  })

  it.skipIf(process.platform === 'win32')(
    'may be a named pipe without a writer, which is refused at once',
    async () => {
      const pipe = join(folder, 'pipe.md')
      execFileSync('mkfifo', [pipe])
      expect(await isBackupFile(pipe)).toBe(false)
      await refused(pipe, /not a file/)
    },
  )
})
