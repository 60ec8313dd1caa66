import { describe, expect, it } from 'vitest'
import {
  backupHeaderSize,
  makeBackupHeader,
  openBackupHeader,
  readBackupHeader,
} from '../../../main/backup/backup-header'
import { type BackupRecord, encodeRecord, readRecords } from '../../../main/backup/backup-records'
import { chunkSize, openStream, sealStream } from '../../../main/backup/sealed-stream'
import { SwarmpadError } from '../../../main/base/errors'
import { randomFrom } from '../../support/random'
import { collect } from '../log/fixture'

const random = randomFrom(3)
const key = random.bytes(32)

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const sealed = async (plain: Uint8Array, size = 1_000) => collect(sealStream(key, pieces(plain, size)))
const opened = async (chunks: readonly Uint8Array[], size = 70_000) =>
  Buffer.concat(await collect(openStream(key, pieces(Buffer.concat(chunks), size))))

async function refused(reading: Promise<unknown>): Promise<string> {
  try {
    await reading
  } catch (error) {
    if (error instanceof SwarmpadError) return error.code
    throw error
  }
  return 'nothing'
}

describe('a sealed stream (rule B2)', () => {
  it.each([0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, 3 * chunkSize + 7])(
    'of %i bytes is opened again, however it is cut on its way',
    async (length) => {
      const plain = random.bytes(length)
      const chunks = await sealed(plain)
      expect(chunks).toHaveLength(Math.max(1, Math.ceil(length / chunkSize)))
      for (const size of [1_000, chunkSize, 1 << 20])
        expect((await opened(chunks, size)).equals(plain)).toBe(true)
    },
  )

  it('is refused with a chunk gone, doubled, moved or cut off, and with more behind it', async () => {
    const [a, b, c] = await sealed(random.bytes(3 * chunkSize - 9))
    if (!a || !b || !c) return expect.fail()
    for (const chunks of [[a, b], [a], [], [b, c], [a, c], [b, a, c], [a, a, b, c], [a, b, c, c]])
      expect(await refused(opened(chunks))).toBe('BACKUP_DAMAGED')
    expect(await refused(opened([a, b, c.subarray(1)]))).toBe('BACKUP_DAMAGED')
    expect(await refused(opened([a, b, c, Buffer.of(0)]))).toBe('BACKUP_DAMAGED')
    expect(await refused(collect(openStream(random.bytes(32), pieces(Buffer.concat([a, b, c]), 100))))).toBe(
      'BACKUP_DAMAGED',
    )
  })
})

describe('the beginning of a backup (rule B1)', () => {
  it('gives the key to its passphrase, and tells all else apart', async () => {
    const passphrase = 'a garden in november'
    const made = await makeBackupHeader({
      kind: 'document',
      passphrase,
      random: (size) => random.bytes(size),
    })
    expect(made.bytes).toHaveLength(backupHeaderSize)
    const header = readBackupHeader(made.bytes)
    expect(header.kind).toBe('document')
    expect(Buffer.from(await openBackupHeader(header, passphrase)).equals(made.key)).toBe(true)
    expect(await refused(openBackupHeader(header, 'another'))).toBe('PASSPHRASE_WRONG')
    const read = (bytes: Uint8Array) => refused(Promise.resolve().then(() => readBackupHeader(bytes)))
    for (let place = 16; place < backupHeaderSize; place++) {
      const copy = Buffer.from(made.bytes)
      copy[place] = (copy[place] ?? 0) ^ 0x40
      expect(await read(copy)).toBe('BACKUP_DAMAGED')
    }
    expect(await read(made.bytes.subarray(0, 15))).toBe('BACKUP_DAMAGED')
    expect(await read(made.bytes.subarray(0, 14))).toBe('BACKUP_OTHER')
    const newer = Buffer.from(made.bytes.subarray(0, 40))
    newer[15] = 9
    expect(await read(newer)).toBe('BACKUP_NEWER')
  })
})

describe('the records of a backup (rule B3)', () => {
  const records: BackupRecord[] = [
    { type: 'person', value: { name: 'Ada' } },
    { type: 'document', value: { title: 'Garden' } },
    { type: 'snapshot', bytes: random.bytes(200_000) },
    { type: 'session', own: true, certificate: random.bytes(299) },
    { type: 'segment', bytes: random.bytes(500) },
    { type: 'fork', bytes: random.bytes(404) },
    { type: 'part', part: 'blobs', bytes: random.bytes(70_000) },
    { type: 'part', part: 'a'.repeat(32), bytes: new Uint8Array(0) },
  ]
  const bytes = Buffer.concat(records.map(encodeRecord))

  it.each([1, 7, 1_000, 65_536, 1 << 20])('are read again out of pieces of %i bytes', async (size) => {
    const read = await collect(readRecords(pieces(bytes, size)))
    expect(read.map(({ type }) => type)).toEqual(records.map(({ type }) => type))
    expect(Buffer.concat(read.map(encodeRecord)).equals(bytes)).toBe(true)
  })

  it('are refused when one is cut, of an unknown kind or too large', async () => {
    const read = (given: Uint8Array) => refused(collect(readRecords(pieces(given, 1_000))))
    for (const cut of [1, 4, 5, 6, 20, bytes.length - 1])
      expect(await read(bytes.subarray(0, cut))).toBe('BACKUP_DAMAGED')
    expect(await read(Buffer.from([7, 0, 0, 0, 0]))).toBe('BACKUP_DAMAGED')
    // Names of parts: none, one that is cut off, one of other letters, one that is too long.
    for (const content of ['\x00', '\x05blob', '\x05Blobs', `\x21${'a'.repeat(33)}`]) {
      const record = Buffer.concat([Buffer.from([6, content.length, 0, 0, 0]), Buffer.from(content)])
      expect(await read(record)).toBe('BACKUP_DAMAGED')
    }
    expect(await read(Buffer.from([4, 0, 0, 3, 0]))).toBe('BACKUP_DAMAGED')
    expect(await read(Buffer.from([3, 1, 0, 0, 0, 1]))).toBe('BACKUP_DAMAGED')
    expect(await read(Buffer.concat([Buffer.from([0, 3, 0, 0, 0]), Buffer.from('{{{')]))).toBe(
      'BACKUP_DAMAGED',
    )
  })
})
