import { afterEach, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { keysFromWrite } from '../../../../main/keys/derive'
import { createHandle, genesisChange, type Handle, partRoots } from '../../../../main/replica/genesis'
import { keyOfRecord } from '../../../../main/replica/parts/hashed-records'
import { metaPart } from '../../../../main/replica/parts/meta-part'
import { Replica } from '../../../../main/replica/replica'

const { documentId, content } = keysFromWrite(Buffer.alloc(32, 9))
const contentKey = content ?? expect.fail()
const map = `${partRoots.meta}@${hex(documentId)}`
const record = (text: string) => ({ key: keyOfRecord(Buffer.from(text)), bytes: Buffer.from(text) })
let handle: Handle | null = null
afterEach(() => {
  handle?.free()
  handle = null
})

it('facts stand beside what the first change puts there, and nothing else is read as one (D12)', () => {
  handle = createHandle('ab'.repeat(32))
  handle.applyChanges([genesisChange(documentId)])
  expect(metaPart.read(handle, map)).toEqual([])
  const facts = ['one', 'two'].map(record)
  for (const fact of facts) metaPart.put(handle, map, fact)
  handle.put(map, 'ab'.repeat(16), 'a text', 'str')
  handle.put(map, 'named', Buffer.from('bytes'), 'bytes')
  const inOrder = [...facts].sort((one, two) => (one.key < two.key ? -1 : 1))
  expect(metaPart.read(handle, map).map(({ key }) => key)).toEqual(inOrder.map(({ key }) => key))
  expect(handle.getWithType(map, 'schema')).toEqual(['uint', 1n])
})

it('facts of a document are read only where somebody asks for them', () => {
  const begun = (parts: readonly ('notes' | 'meta')[]) =>
    new Replica({ documentId, contentKey, actor: 'ab'.repeat(32), now: () => 0, parts })
  const [asked, other] = [begun(['meta']), begun(['notes'])]
  for (const replica of [asked, other]) {
    replica.put({ part: 'meta', ...record('a fact') })
    expect(replica.commit()).toHaveLength(1)
  }
  expect(asked.changedParts()).toEqual([{ part: 'meta', records: [record('a fact')].map(toPlain) }])
  expect(other.changedParts()).toEqual([{ part: 'notes', records: [] }])
  for (const replica of [asked, other]) replica.free()
})

const toPlain = ({ key, bytes }: ReturnType<typeof record>) => ({ key, bytes: Uint8Array.from(bytes) })
