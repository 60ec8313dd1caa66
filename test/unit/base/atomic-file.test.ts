import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { discardFile, draftOf, makeFile, replaceFile, streamFile } from '../../../main/base/atomic-file'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-atomic-'))
  path = join(folder, 'file')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

const bytes = Buffer.from('new')
const accept = async () => undefined
const refuse = async () => {
  throw new Error('read back wrong')
}
const modeOf = async () => (await stat(path)).mode & 0o777

describe('makeFile', () => {
  it('creates a file that its owner alone reads, and shows its bytes to the check', async () => {
    const seen: string[] = []
    await makeFile({ path, bytes, prove: async (read) => void seen.push(read.toString()) })
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(seen).toEqual(['new'])
    expect(await readdir(folder)).toEqual(['file'])
    if (process.platform !== 'win32') expect(await modeOf()).toBe(0o600)
  })

  it('rejects where a file is, which stays', async () => {
    await writeFile(path, 'old')
    await expect(makeFile({ path, bytes, prove: accept })).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['file'])
  })

  it('leaves nothing where the check refuses', async () => {
    await expect(makeFile({ path, bytes, prove: refuse })).rejects.toThrow('read back wrong')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('replaceFile', () => {
  it('puts new bytes in place, over a draft that a killed process left', async () => {
    await writeFile(path, 'old')
    await writeFile(draftOf(path), 'left over')
    await replaceFile({ path, bytes, prove: accept })
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(await readdir(folder)).toEqual(['file'])
  })

  it('leaves the old file where the check refuses', async () => {
    await writeFile(path, 'old')
    await expect(replaceFile({ path, bytes, prove: refuse })).rejects.toThrow('read back wrong')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['file'])
  })
})

describe('streamFile', () => {
  async function* pieces() {
    yield 'ne'
    yield Buffer.from('w')
  }

  it('writes what comes in pieces, and checks the draft', async () => {
    await writeFile(path, 'old')
    const seen: string[] = []
    const prove = async (draft: string) => void seen.push(await readFile(draft, 'utf8'))
    await streamFile({ path, content: pieces(), prove, unique: '1' })
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(seen).toEqual(['new'])
    expect(await readdir(folder)).toEqual(['file'])
    if (process.platform !== 'win32') expect(await modeOf()).toBe(0o600)
  })

  it('writes text with the permissions that are asked for', async () => {
    await streamFile({ path, content: 'new', unique: '1', mode: 0o644 })
    expect(await readFile(path, 'utf8')).toBe('new')
    if (process.platform !== 'win32') expect(await modeOf()).toBe(0o644 & ~process.umask())
  })

  it('writes a file with as long a name as there can be', async () => {
    const long = join(folder, `${'語'.repeat(84)}.md`)
    await streamFile({ path: long, content: 'new', unique: randomUUID() })
    expect(await readFile(long, 'utf8')).toBe('new')
    expect(await readdir(folder)).toEqual([`${'語'.repeat(84)}.md`])
    await rm(long)
  })

  it('leaves the old file where the content or the check fails', async () => {
    await writeFile(path, 'old')
    async function* failing() {
      yield 'ne'
      throw new Error('no more')
    }
    await expect(streamFile({ path, content: failing(), unique: '1' })).rejects.toThrow('no more')
    await expect(streamFile({ path, content: 'new', prove: refuse, unique: '1' })).rejects.toThrow('wrong')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['file'])
  })
})

describe('discardFile', () => {
  it('removes a file, and accepts that none is there', async () => {
    await writeFile(path, 'old')
    await discardFile(path)
    await discardFile(path)
    expect(await readdir(folder)).toEqual([])
  })
})
