import { expect, it } from 'vitest'
import { systemEnvironment } from '../../../main/environment'
import { hex } from '../../../main/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { Library } from '../../../main/library'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { Vault } from '../../../main/vault'

it('a record from before notices and quotas is read, and keeps what is put away and allowed from then on', async () => {
  const store = new MemoryStore(new MemoryDisk())
  await store.open()
  const vault = new Vault({ store, key: Buffer.alloc(32, 1), random: systemEnvironment.random })
  const keys = keysFromWrite(Buffer.alloc(32, 7))
  const id = hex(keys.documentId)
  const rest = { manifest: null, title: 'Old', editedAt: 1, waiting: false, removed: false, verify: null }
  await vault.write('document', keys.documentId, { ...rest, role: 'write', secret: '07'.repeat(32) })
  const library = new Library({ vault, store })
  await library.open()
  expect(library.entry(id)).toMatchObject({ title: 'Old', dismissed: [], quota: null })
  await library.put({ ...library.entry(id), dismissed: ['unreadable:a'], quota: 5e9 })
  const again = new Library({ vault, store })
  await again.open()
  expect(again.entry(id)).toMatchObject({ dismissed: ['unreadable:a'], quota: 5e9 })
})
