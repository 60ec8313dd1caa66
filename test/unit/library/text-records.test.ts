import { ChangeSet, type Text } from '@codemirror/state'
import { beforeEach, expect, it } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { fromHex } from '../../../main/base/hex'
import { TextRecords } from '../../../main/library/text-records'
import { Vault, vaultKinds } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import type { Write } from '../../../main/storage/store'
import { toText } from '../../../preload/text'

const id = '07'.repeat(32)
const long = toText('A line of the text.\n'.repeat(1_000))
let disk: MemoryDisk
let written: number

class CountingStore extends MemoryStore {
  override write(writes: readonly Write[]): Promise<void> {
    written += writes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
    return super.write(writes)
  }
}

const open = () => {
  const store = new CountingStore(disk)
  const vault = new Vault({ store, key: Buffer.alloc(32, 1), random: systemEnvironment.random })
  return { vault, records: new TextRecords({ vault, store }), store }
}

const typed = (text: Text, insert: string, from = text.length): { text: Text; changes: ChangeSet } => {
  const changes = ChangeSet.of({ from, insert }, text.length, '\n')
  return { text: changes.apply(text), changes }
}

const stored = async (): Promise<string> => (await open().records.open(id)).text.toString()
const editKeys = () => [...disk.values.keys()].filter((key) => key[0] === vaultKinds.textEdits)

/** Stores the long text and a number of edits after it; returns the texts after each. */
async function storeEdits(count: number): Promise<string[]> {
  const seen = await open().records.open(id)
  await seen.store(long, null)
  let text = long
  const texts = [text.toString()]
  for (let edit = 0; edit < count; edit++) {
    const next = typed(text, ` word ${edit}`, edit)
    text = next.text
    await seen.store(text, next.changes)
    texts.push(text.toString())
  }
  return texts
}

beforeEach(() => {
  disk = new MemoryDisk()
  written = 0
})

it('a text is read as it was stored last, and an edit in it costs as much as the edit', async () => {
  const texts = await storeEdits(1)
  const whole = written
  expect(await stored()).toBe(texts[1])
  const seen = await open().records.open(id)
  const next = typed(seen.text, 'more', 500)
  await seen.store(next.text, next.changes)
  expect(written - whole).toBeLessThan(200)
  expect(await stored()).toBe(next.text.toString())
})

it('a text that did not change is not stored again', async () => {
  const [text = ''] = await storeEdits(0)
  const before = written
  const seen = await open().records.open(id)
  await seen.store(seen.text, ChangeSet.empty(seen.text.length))
  expect([written, await stored()]).toEqual([before, text])
})

it('edits that take half as much as the text, or are a thousand, are replaced by the whole text', async () => {
  const seen = await open().records.open(id)
  await seen.store(long, null)
  let text = long
  let most = 0
  for (let edit = 0; edit < 40; edit++) {
    const next = typed(text, 'x'.repeat(1_000))
    text = next.text
    await seen.store(text, next.changes)
    most = Math.max(most, editKeys().length)
  }
  expect(most).toBeGreaterThan(5)
  expect(most).toBeLessThan(30)
  expect(await stored()).toBe(text.toString())

  disk = new MemoryDisk()
  const large = toText('A line of the text.\n'.repeat(20_000))
  const other = await open().records.open(id)
  await other.store(large, null)
  let more = large
  for (let edit = 0; edit < 1_001; edit++) {
    const next = typed(more, 'x')
    more = next.text
    await other.store(more, next.changes)
  }
  expect(editKeys()).toEqual([])
  expect(await stored()).toBe(more.toString())
})

it('a whole paste is stored once, as the whole text', async () => {
  await storeEdits(0)
  const before = written
  const next = typed(long, long.toString())
  const seen = await open().records.open(id)
  await seen.store(next.text, next.changes)
  expect(written - before).toBeLessThan(1.1 * next.text.length)
  expect([editKeys(), await stored()]).toEqual([[], next.text.toString()])
})

it('where an edit is missing or damaged, the text before it is shown, and the next is stored whole', async () => {
  for (const spoil of [
    (key: string) => void disk.values.delete(key),
    (key: string) => void disk.values.set(key, Buffer.alloc(60)),
  ]) {
    disk = new MemoryDisk()
    const texts = await storeEdits(4)
    const third = editKeys().sort()[2] ?? expect.fail()
    spoil(third)
    expect(await stored()).toBe(texts[2])
    const seen = await open().records.open(id)
    const next = typed(seen.text, ' and on')
    await seen.store(next.text, next.changes)
    expect([editKeys(), await stored()]).toEqual([[], next.text.toString()])
  }
})

it('edits of an earlier whole text, as a repaired database brings them back, are not put into a later one', async () => {
  await storeEdits(2)
  const old = editKeys().map((key) => [key, disk.values.get(key) ?? expect.fail()] as const)
  const seen = await open().records.open(id)
  await seen.store(long, null)
  for (const [key, value] of old) disk.values.set(key, value)
  expect(await stored()).toBe(long.toString())
})

it('after a disk that refused one edit, the next is stored with it', async () => {
  const texts = await storeEdits(1)
  const seen = await open().records.open(id)
  const one = typed(toText(texts[1] ?? ''), ' refused')
  disk.full = true
  await expect(seen.store(one.text, one.changes)).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
  disk.full = false
  expect(await stored()).toBe(texts[1])
  const two = typed(one.text, ' and taken')
  await seen.store(two.text, two.changes)
  expect(await stored()).toBe(two.text.toString())
})

it('a whole text without edits, as earlier programs stored it, is read; a damaged record reads as an empty text', async () => {
  const { vault } = open()
  await vault.write('text', fromHex(id), 'last seen')
  expect(await stored()).toBe('last seen')
  for (const key of disk.values.keys()) disk.values.set(key, Buffer.alloc(60))
  expect(await stored()).toBe('')
})

it('nothing of a text is left when its document is deleted', async () => {
  await storeEdits(3)
  const { records, store } = open()
  await store.write(await records.removals(fromHex(id)))
  expect(disk.values.size).toBe(0)
})
