import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crc32c } from '../../../../main/storage/crc32c'
import { unsnap } from '../../../../main/storage/leveldb-repair/snappy'
import { isTableWhole, repairTable } from '../../../../main/storage/leveldb-repair/tables'
import { fuzz, mutated } from '../../../support/fuzz'
import { makeDatabase } from './fixture'

let folder: string
const tables: Buffer[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-tables-'))
  // In one block and in many.
  for (const count of [1, 40, 3_000]) {
    const directory = join(folder, String(count))
    await makeDatabase(directory, count)
    for (const name of await readdir(directory))
      if (name.endsWith('.ldb')) tables.push(await readFile(join(directory, name)))
  }
})
afterAll(() => rm(folder, { recursive: true }))

describe('a table of the database', () => {
  it('as LevelDB wrote it is whole', () => {
    expect(tables.length).toBeGreaterThanOrEqual(3)
    expect(tables.map((table) => isTableWhole(table, table.length))).toEqual(tables.map(() => true))
  })

  it('is not with any bit changed that LevelDB reads', () => {
    const table = tables[0] ?? expect.fail()
    const footer = table.length - 48
    // Behind the places of the last two blocks stand zeros that nobody reads, and that a number may go on into.
    const isRead = (place: number, bit: number) =>
      place < footer || place >= table.length - 8 || (table[place] !== 0 && bit < 7)
    for (let place = 0; place < table.length; place++)
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(table)
        changed[place] = (table[place] ?? 0) ^ (1 << bit)
        if (isRead(place, bit))
          expect(isTableWhole(changed, changed.length), `byte ${place}, bit ${bit}`).toBe(false)
      }
  })

  it('that was changed in any way is looked at without an error', () => {
    fuzz(2_000, mutated(tables), ({ bytes, of }) => {
      if (isTableWhole(bytes, bytes.length))
        expect(bytes.length).toBeGreaterThanOrEqual(tables[of]?.length ?? 0)
    })
  })
})

it('a table that was changed in any way is mended to one that is whole and can be read', () => {
  fuzz(300, mutated(tables), ({ bytes, of }) => {
    const size = tables[of]?.length ?? 0
    expect(isTableWhole(repairTable(bytes, { size }), size)).toBe(true)
  })
})

it('CRC-32C gives what RFC 3720 lists (B.4)', () => {
  const ascending = Buffer.from(Array.from({ length: 32 }, (_, n) => n))
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(crc32c(ascending)).toBe(0x46dd794e)
  expect(crc32c(Buffer.from(ascending).reverse())).toBe(0x113fdb5c)
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

it('Snappy is read as its format says, within its bounds', () => {
  const read = (text: string) => unsnap(Buffer.from(text.replace(/ /g, ''), 'hex')).toString()
  // Four letters as they are, and a copy that goes on into what it writes, in each of the three forms.
  expect(read('0a 0c61626364 0904')).toBe('abcdabcdab')
  expect(read('0a 0c61626364 160400')).toBe('abcdabcdab')
  expect(read('0a 0c61626364 1704000000')).toBe('abcdabcdab')
  expect(read('04 f00361626364')).toBe('abcd')
  for (const wrong of [
    '',
    '05',
    '0a 0c616263',
    '0a 0c61626364 0900',
    '0a 0c61626364 0905',
    '09 0c61626364 0904',
  ])
    expect(() => read(wrong), wrong).toThrow(RangeError)
  expect(() => read('0b 0c61626364 0904')).toThrow('cut short')
  expect(() => read('ffffffffffff7f 00')).toThrow('too large')
})
