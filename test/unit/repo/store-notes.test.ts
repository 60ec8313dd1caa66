import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fact, StoreNotes } from '../../../main/repo/store-notes'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { NotesOnDisk } from '../../../main/storage/notes-on-disk'
import type { NotesFile } from '../../../main/storage/store'
import { randomFrom } from '../../support/random'
import vectors from '../../vectors/store-notes.json'

const key = Buffer.alloc(32, 3)
const { bytes: random } = randomFrom(19)
let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-notes-'))
  path = join(folder, 'store.notes')
})
afterEach(() => rm(folder, { recursive: true }))

async function open(file: NotesFile = new NotesOnDisk(path), secret = key): Promise<StoreNotes> {
  const notes = new StoreNotes(file, random)
  await notes.open(secret)
  return notes
}

/** Returns the facts that a later run finds. */
async function found(secret = key): Promise<Fact[]> {
  const notes = await open(undefined, secret)
  const all = [...notes.all()]
  await notes.close()
  return all.map((fact) => ({ key: Buffer.from(fact.key), number: fact.number }))
}

const fact = (name: string, number: number): Fact => ({ key: Buffer.from(name), number })

describe('notes beside a store (S20)', () => {
  it('say at the next start what was noted last of each key', async () => {
    const notes = await open()
    notes.note([fact('one', 1), fact('two', 2)])
    notes.note([fact('one', 3)])
    await notes.idle()
    notes.note([fact('two', 0), fact('three', 4_294_967_295)])
    await notes.close()
    expect(await found()).toEqual([fact('one', 3), fact('three', 4_294_967_295)])
    expect(await found(Buffer.alloc(32, 4))).toEqual([])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('are told apart by how keys begin', async () => {
    const head = (n: number) => Buffer.concat([Buffer.from('t'), Buffer.alloc(32, n)])
    const notes = await open()
    for (const n of [1, 2]) notes.note([{ key: Buffer.concat([head(n), Buffer.from('end')]), number: n }])
    expect(notes.under(head(2))).toEqual(new Map([['end', 2]]))
    expect(notes.under(head(3))).toEqual(new Map())
    await notes.close()
  })

  it('are read up to where they are cut or changed, and can be added to after that', async () => {
    const notes = await open()
    for (let n = 1; n <= 5; n++) {
      notes.note([fact(`key ${n}`, n)])
      await notes.idle()
    }
    await notes.close()
    const whole = await readFile(path)
    for (const cut of [1, 30, 60]) {
      await writeFile(path, whole.subarray(0, whole.length - cut))
      const known = await found()
      expect(known.length).toBe(cut === 60 ? 3 : 4)
      const again = await open()
      again.note([fact('more', 7)])
      await again.close()
      expect(await found()).toEqual([...known, fact('more', 7)])
    }
  })

  it('take no more room than twice what they say, and 64 KiB', async () => {
    const notes = await open()
    for (let n = 1; n <= 4_000; n++) {
      notes.note([fact(`key ${n % 100}`, n)])
      await notes.idle()
    }
    expect((await stat(path)).size).toBeLessThan(64 * 1024 + 2 * 100 * 11 + 200)
    await notes.close()
    expect((await found()).map(({ number }) => number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, n) => 3_901 + n),
    )
  })

  it('that a full disk refuses are written with the next ones', async () => {
    const disk = new MemoryDisk()
    const notes = await open(new MemoryStore(disk).notes)
    notes.note([fact('one', 1)])
    await notes.idle()
    disk.full = true
    notes.note([fact('two', 2)])
    await notes.idle()
    disk.full = false
    notes.note([fact('three', 3)])
    await notes.close()
    const again = await open(new MemoryStore(disk).notes)
    expect([...again.all()].length).toBe(3)
  })

  it('are the bytes of test/vectors/store-notes.json', async () => {
    const { key: secret, nonce, facts, file } = vectors
    const notes = new StoreNotes(new NotesOnDisk(path), () => Buffer.from(nonce, 'hex'))
    await notes.open(Buffer.from(secret, 'hex'))
    notes.note(facts.map((one) => ({ key: Buffer.from(one.key, 'hex'), number: one.number })))
    await notes.close()
    expect((await readFile(path)).toString('hex')).toBe(file)
  })
})
