import { afterEach, describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { keysFromWrite } from '../../../../main/keys/derive'
import { createHandle, genesisChange, type Handle, partRoots } from '../../../../main/replica/genesis'
import { keyOfRecord } from '../../../../main/replica/parts/hashed-records'
import { noteBounds, notesPart } from '../../../../main/replica/parts/notes-part'
import { Author } from '../../../support/author'

const keys = keysFromWrite(Buffer.alloc(32, 7))
const { count: maxNotes, totalSize: maxNotesSize } = noteBounds
const map = `${partRoots.spare}@${hex(keys.documentId)}`
const readNotes = (handle: Handle) => notesPart.read(handle, map)
const handles: Handle[] = []
afterEach(() => {
  for (const handle of handles.splice(0)) handle.free()
})

function begun(): Handle {
  const handle = createHandle('ab'.repeat(32))
  handles.push(handle)
  handle.applyChanges([genesisChange(keys.documentId)])
  return handle
}
const key = (number: number) => number.toString(16).padStart(32, '0')

describe('notes beside the text (D10)', () => {
  it('reach others like text, are told when they change, and leave the text alone', () => {
    const [ada, ben] = [new Author(keys, 0), new Author(keys, 1)]
    const bytes = Uint8Array.of(1, 2, 3)
    const note = { key: keyOfRecord(bytes), bytes }
    const contentOf = (records: (typeof note)[]) => [{ part: 'notes', records }]
    expect(ada.replica.changedParts()).toEqual(contentOf([]))
    expect(ada.replica.changedParts()).toEqual([])
    ada.replica.put({ part: 'notes', ...note })
    ada.write([{ from: 0, to: 0, insert: 'text' }])
    expect(ada.replica.changedParts()).toEqual(contentOf([note]))
    expect(ben.replica.changedParts()).toEqual(contentOf([]))
    ben.take(ada, 1)
    expect([ben.text, ben.replica.changedParts(), ben.reread()]).toEqual(['text', contentOf([note]), 'text'])
    ada.write([{ from: 4, to: 4, insert: ' more' }])
    ben.take(ada, 2)
    expect([ben.text, ben.replica.changedParts()]).toEqual(['text more', []])
  })

  it('stand in the map that the first change made, whatever is put in its place (D1)', () => {
    const handle = begun()
    expect(handle.getWithType('/', 'spare')).toEqual(['map', map])
    handle.put(map, key(1), Buffer.of(1), 'bytes')
    handle.putObject('/', 'spare', {})
    expect(readNotes(handle)).toHaveLength(1)
  })

  it('of other forms are passed over', () => {
    const handle = begun()
    handle.put(map, key(1), 'text')
    handle.put(map, key(2), 7, 'int')
    handle.putObject(map, key(3), {})
    handle.put(map, 'short', Buffer.of(1), 'bytes')
    handle.put(map, 'A'.repeat(32), Buffer.of(1), 'bytes')
    handle.put(map, key(4), Buffer.of(4), 'bytes')
    handle.put(map, key(5), Buffer.of(5), 'bytes')
    handle.delete(map, key(5))
    expect(readNotes(handle)).toEqual([{ key: key(4), bytes: Uint8Array.of(4) }])
  })

  it('are 64 at most, and 64 KiB together', () => {
    const many = begun()
    for (let number = 0; number < maxNotes + 10; number++) many.put(map, key(number), Buffer.of(1), 'bytes')
    expect(readNotes(many).map((note) => note.key)).toEqual(
      Array.from({ length: maxNotes }, (_, number) => key(number)),
    )
    const large = begun()
    const sizes = [maxNotesSize + 1, maxNotesSize - 10, 11, 10, 1]
    for (const [number, size] of sizes.entries()) large.put(map, key(number), Buffer.alloc(size), 'bytes')
    expect(readNotes(large).map(({ bytes }) => bytes.length)).toEqual([maxNotesSize - 10, 10])
  })
})
