import { Text } from '@codemirror/state'
import { expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { JournalRecords } from '../../../main/library/journal-records'
import { nameOf, Vault } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { randomFrom } from '../../support/random'

it('an unreadable journal is set aside by whatever replaces it first, however often the disk refuses', async () => {
  const random = randomFrom(5)
  const documentId = random.bytes(32)
  const unreadable = random.bytes(80)
  const record = { base: '', since: null, entries: [] }
  const changes = {
    stored: (keep: Keep) => keep.store(record, null),
    removed: (keep: Keep) => keep.remove(),
  }
  for (const [name, change] of Object.entries(changes)) {
    const disk = new MemoryDisk()
    const store = new MemoryStore(disk)
    await store.open()
    const vault = new Vault({ store, key: random.bytes(32), random: (size) => random.bytes(size) })
    await store.write([{ key: nameOf('journal', documentId), value: unreadable }])
    disk.full = true
    const { keep, state } = await new JournalRecords({ vault, store }).open(hex(documentId), Text.empty)
    expect(state).toBe('unreadable')
    await expect(store.write(changes.stored(keep))).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    disk.full = false
    await store.write(change(keep))
    const aside: Uint8Array[] = []
    for await (const [, value] of store.entries(vault.asideRange('journal', documentId))) aside.push(value)
    expect([name, aside.map(hex)]).toEqual([name, [hex(unreadable)]])
  }
})

type Keep = Awaited<ReturnType<JournalRecords['open']>>['keep']
