import { afterEach, expect, it, vi } from 'vitest'
import { keysFromWrite } from '../../../../main/keys/derive'
import { createHandle, genesisChange, type Handle, partRoots } from '../../../../main/replica/genesis'
import { DocumentParts } from '../../../../main/replica/parts/document-parts'
import { keyOfRecord } from '../../../../main/replica/parts/hashed-records'
import { notesPart } from '../../../../main/replica/parts/notes-part'
import { partOf, parts } from '../../../../main/replica/parts/parts'
import { Author } from '../../../support/author'

const { documentId } = keysFromWrite(Buffer.alloc(32, 9))
let handle: Handle | null = null
afterEach(() => {
  handle?.free()
  handle = null
  vi.restoreAllMocks()
})

function begun(): { handle: Handle; content: DocumentParts } {
  const made = createHandle('ab'.repeat(32))
  handle = made
  made.applyChanges([genesisChange(documentId)])
  return {
    handle: made,
    content: new DocumentParts(
      made,
      documentId,
      parts.map(({ name }) => name),
    ),
  }
}
const record = (text: string) => ({ key: keyOfRecord(Buffer.from(text)), bytes: Buffer.from(text) })
const keys = (content: DocumentParts) =>
  content.changes().map(({ part, records }) => [part, records.map(({ key }) => key)])

it('no two parts share a name or a map, and each is found by the operation that makes its map', () => {
  expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length)
  expect(new Set(parts.map(({ root }) => root)).size).toBe(parts.length)
  for (const part of parts) expect(partOf(partRoots[part.root])).toBe(part)
  for (const counter of [1, 3, 7]) expect(partOf(counter)).toBeUndefined()
})

it('the maps of parts are those that the first change makes (D1)', () => {
  const { handle } = begun()
  for (const [root, counter] of Object.entries(partRoots))
    expect(handle.getWithType('/', root)).toEqual([
      'map',
      `${counter}@${Buffer.from(documentId).toString('hex')}`,
    ])
})

it('all parts are known at first, then those with a record that was put or that a patch names', () => {
  const { content } = begun()
  expect(keys(content)).toEqual(parts.map(({ name }) => [name, []]))
  expect(keys(content)).toEqual([])
  content.put({ part: 'notes', ...record('one') })
  expect(keys(content)).toEqual([['notes', [record('one').key]]])
  content.follow({ path: ['body', 0] })
  expect(keys(content)).toEqual([])
  content.follow({ path: ['spare', record('one').key] })
  expect(keys(content)).toEqual([['notes', [record('one').key]]])
  content.changedUnseen()
  expect(keys(content)).toHaveLength(parts.length)
})

it('a part is not read again for edits of the text, own or others', () => {
  const shared = keysFromWrite(Buffer.alloc(32, 7))
  const [ada, ben] = [new Author(shared, 0), new Author(shared, 1)]
  for (const { replica } of [ada, ben]) replica.changedParts()
  const read = vi.spyOn(notesPart, 'read')
  for (let n = 0; n < 20; n++) {
    ada.write([{ from: 0, to: 0, insert: 'text' }])
    ben.take(ada, n + 1)
    expect([ada.replica.changedParts(), ben.replica.changedParts()]).toEqual([[], []])
  }
  expect(read).not.toHaveBeenCalled()
})

it('checks a record by its own bytes: size, and key by hash (D10)', () => {
  const large = Buffer.alloc(32 * 1024 + 1)
  const fits = large.subarray(1)
  expect(() => notesPart.check(keyOfRecord(fits), fits)).not.toThrow()
  expect(() => notesPart.check(keyOfRecord(large), large)).toThrow('too large')
  expect(() => notesPart.check(keyOfRecord(large), fits)).toThrow('under another key')
})
