import { expect, it } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { Library } from '../../../main/library/library'
import { type LibraryEntry, nothingNoted, storedEntry } from '../../../main/library/library-entry'
import { removalTime } from '../../../main/library/removal'
import { Vault } from '../../../main/profile/vault'
import { forgetDocument } from '../../../main/repo/forget-document'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'

it('a record from before notices and quotas is read, and keeps what is put away and allowed from then on', async () => {
  const store = new MemoryStore(new MemoryDisk())
  await store.open()
  const vault = new Vault({ store, key: Buffer.alloc(32, 1), random: systemEnvironment.random })
  const keys = keysFromWrite(Buffer.alloc(32, 7))
  const id = hex(keys.documentId)
  const rest = { manifest: null, title: 'Old', editedAt: 1, waiting: false, removedAt: null, verify: null }
  await vault.write('document', keys.documentId, { ...rest, role: 'write', secret: '07'.repeat(32) })
  const library = new Library({ vault, store, forgetLog: (id) => forgetDocument(store, id) })
  await library.open(0)
  // Others may have it, as far as the record says.
  expect(library.entry(id)).toMatchObject({ title: 'Old', dismissed: [], quota: null, shared: true })
  // It was there when its text last changed, at the latest.
  expect(library.entry(id).createdAt).toBe(1)
  expect(library.entry(id).successors).toEqual([])
  const own = { record: 'dd', posted: true, leaving: false, untold: [{ author: 'ee', name: 'Cem' }] }
  const successors = [{ key: 'aa', author: 'bb', name: 'Ben', documentId: 'cc', secret: null, own }]
  await library.put({
    ...library.entry(id),
    dismissed: ['unreadable:a'],
    quota: 5e9,
    successors,
    editedAt: 2,
  })
  const again = new Library({ vault, store, forgetLog: (id) => forgetDocument(store, id) })
  await again.open(0)
  expect(again.entry(id)).toMatchObject({ dismissed: ['unreadable:a'], quota: 5e9, successors })
  expect(again.entry(id)).toMatchObject({ editedAt: 2, createdAt: 1 })
})

it('a record that is damaged keeps no other from being read, and stays as it is', async () => {
  const disk = new MemoryDisk()
  const vault = new Vault({
    store: new MemoryStore(disk),
    key: Buffer.alloc(32, 1),
    random: systemEnvironment.random,
  })
  const store = new MemoryStore(disk)
  const library = new Library({ vault, store, forgetLog: (id) => forgetDocument(store, id) })
  const all = [7, 8, 9].map((byte) => keysFromWrite(Buffer.alloc(32, byte)))
  for (const keys of all) await library.put({ ...entryOf(Buffer.alloc(32, 7)), keys })
  const [first, second] = [...disk.values.keys()]
  const bytes = disk.values.get(first ?? '') ?? expect.fail()
  const damaged = Uint8Array.from(bytes.subarray(1))
  disk.values.set(first ?? '', damaged)
  await vault.write('document', Buffer.from((second ?? '').slice(1), 'latin1'), { of: 'another form' })
  const again = new Library({ vault, store, forgetLog: (id) => forgetDocument(store, id) })
  await again.open(0)
  expect([again.entries.size, again.damaged]).toEqual([1, 2])
  expect(disk.values.get(first ?? '')).toEqual(damaged)
})

it('reading the records of many documents leaves turns to others', async () => {
  const store = new MemoryStore(new MemoryDisk())
  const vault = new Vault({ store, key: Buffer.alloc(32, 1), random: systemEnvironment.random })
  const rest = { manifest: null, title: '', editedAt: 1, waiting: false, removedAt: null, verify: null }
  const count = 400
  for (let index = 0; index < count; index++) {
    const secret = Buffer.alloc(32, 7)
    secret.writeUInt32BE(index)
    const record = { ...rest, role: 'write', secret: hex(secret) }
    await store.write([vault.sealed('document', keysFromWrite(secret).documentId, record)])
  }
  const library = new Library({ vault, store, forgetLog: async () => undefined })
  let turns = 0
  let isOpen = false
  const turn = () => {
    turns++
    if (!isOpen) setImmediate(turn)
  }
  setImmediate(turn)
  await library.open(0)
  isOpen = true
  expect(library.entries.size).toBe(count)
  expect(turns).toBeGreaterThanOrEqual(count / 50)
})

it('storing many documents leaves turns to others, and the later entry of one is stored last', async () => {
  const store = new MemoryStore(new MemoryDisk())
  const vault = new Vault({ store, key: Buffer.alloc(32, 1), random: systemEnvironment.random })
  const library = new Library({ vault, store, forgetLog: async () => undefined })
  const count = 400
  const entries = Array.from({ length: count }, (_, index) => {
    const secret = Buffer.alloc(32, 7)
    secret.writeUInt32BE(index)
    return entryOf(secret)
  })
  const [first] = entries
  if (!first) throw new Error('no entries')
  let turns = 0
  let isStored = false
  const turn = () => {
    turns++
    if (!isStored) setImmediate(turn)
  }
  setImmediate(turn)
  const all = library.putAll(entries)
  await library.put({ ...first, title: 'Later' })
  await all
  isStored = true
  expect(turns).toBeGreaterThanOrEqual(count / 50)
  const again = new Library({ vault, store, forgetLog: async () => undefined })
  await again.open(0)
  expect(again.entries.size).toBe(count)
  expect(again.entry(hex(first.keys.documentId)).title).toBe('Later')
})

it('documents whose time is over do not hold up the start: they are deleted later', async () => {
  const store = new MemoryStore(new MemoryDisk())
  const vault = new Vault({ store, key: Buffer.alloc(32, 1), random: systemEnvironment.random })
  const forgotten: Uint8Array[] = []
  const library = new Library({
    vault,
    store,
    forgetLog: async (id) => {
      forgotten.push(id)
    },
  })
  const entry = { ...entryOf(Buffer.alloc(32, 7)), removedAt: 1 }
  await vault.write('document', entry.keys.documentId, storedEntry(entry))
  await library.open(removalTime + 1)
  expect([library.entries.size, library.shown, forgotten]).toEqual([1, [], []])
  expect(await library.deleteOld(removalTime + 1, () => true)).toBe(true)
  expect(forgotten).toEqual([])
  expect(await library.deleteOld(removalTime + 1)).toBe(true)
  expect([library.entries.size, forgotten]).toEqual([0, [entry.keys.documentId]])
})

const entryOf = (secret: Uint8Array): LibraryEntry => ({
  keys: keysFromWrite(secret),
  manifest: null,
  title: 'A',
  editedAt: 1,
  createdAt: 1,
  waiting: false,
  removedAt: null,
  ...nothingNoted,
  shared: true,
})
