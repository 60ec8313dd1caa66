import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { backupHeaderSize, openBackupHeader, readBackupHeader } from '../../main/backup/backup-header'
import { type BackupRecord, encodeRecord, readRecords } from '../../main/backup/backup-records'
import { openStream, sealStream } from '../../main/backup/sealed-stream'
import { SwarmpadError } from '../../main/base/errors'
import { DiskProfile } from '../support/disk-profile'
import { answer, fuzz, fuzzSeed, fuzzSlowly, mutated } from '../support/fuzz'
import { randomFrom } from '../support/random'

const { bytes: random } = randomFrom(fuzzSeed)
const passphrase = 'a garden in november'
const unforeseen: unknown[] = []
const note = (error: unknown) => unforeseen.push(error)
let folder: string
let target: DiskProfile
let own: string
/** A sound backup: its bytes, its header, the key of its content and the content. */
let file: Buffer
let header: Buffer
let key: Uint8Array
let records: Uint8Array[]
let changed: string

beforeAll(async () => {
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-backups-'))
  const path = join(folder, 'sound.swarmpad')
  changed = join(folder, 'changed.swarmpad')
  const source = await DiskProfile.open({ directory: join(folder, 'source'), name: 'Zoë', random })
  for (const name of ['one', 'two']) {
    const document = await source.workspace.createDocument({ text: `# ${name}\n\n` })
    for (let n = 0; n < 4; n++) {
      await document.edit([{ from: 0, to: 0, insert: `${name} ${n} ` }])
      await document.saved()
    }
  }
  await source.workspace.backups.make({ path, passphrase, id: null })
  await source.close()
  file = await readFile(path)
  header = file.subarray(0, backupHeaderSize)
  key = await openBackupHeader(readBackupHeader(header), passphrase)
  records = []
  for await (const record of readRecords(openStream(key, [file.subarray(backupHeaderSize)] as never)))
    records.push(encodeRecord(record))
  target = await DiskProfile.open({ directory: join(folder, 'target'), name: 'Ada', random })
  own = (await target.workspace.createDocument({ text: 'What was here before.' })).id
})
afterEach(() => expect(unforeseen).toEqual([]))
afterAll(async () => {
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
  await target.close()
  await rm(folder, { recursive: true })
})

/** Restores bytes into the profile that is in use; the code that it is refused with, or null. */
async function restore(bytes: Uint8Array): Promise<SwarmpadError['code'] | null> {
  await writeFile(changed, bytes)
  try {
    await target.workspace.backups.restore({ path: changed, passphrase })
    return null
  } catch (error) {
    if (error instanceof SwarmpadError) return error.code
    throw error
  }
}

async function isUntouched(): Promise<void> {
  const document = await target.workspace.document(own)
  expect(await document.text()).toBe('What was here before.')
  expect(target.workspace.profile().name).toBe('Ada')
}

const codes = ['BACKUP_OTHER', 'MALFORMED', 'BACKUP_DAMAGED', 'BACKUP_NEWER', 'PASSPHRASE_WRONG']

it('a backup with bytes changed is told as such before anything is changed', async () => {
  const before = target.workspace.summaries().length
  const tally = new Map<string, number>()
  await fuzzSlowly(30, mutated([file]), async ({ bytes }) => {
    if (bytes.equals(file)) return
    const code = await restore(bytes)
    expect(codes).toContain(code)
    tally.set(code ?? '', (tally.get(code ?? '') ?? 0) + 1)
    expect(target.workspace.summaries()).toHaveLength(before)
  })
  expect(tally.get('BACKUP_DAMAGED') ?? 0).toBeGreaterThan(10)
  await isUntouched()
})

it('beginnings and records of any form are read or refused', async () => {
  const readCodes = ['BACKUP_OTHER', 'MALFORMED', 'BACKUP_DAMAGED', 'BACKUP_NEWER'] as const
  fuzz(1_500, mutated([header]), ({ bytes }) => {
    const read = answer(() => readBackupHeader(bytes), ...readCodes)
    if (read) expect(bytes.equals(header)).toBe(true)
  })
  const tally = { read: 0, refused: 0 }
  await fuzzSlowly(400, mutated([Buffer.concat(records), ...records]), async ({ bytes }) => {
    const read: BackupRecord[] = []
    try {
      for await (const record of readRecords([bytes] as never)) read.push(record)
      tally.read++
    } catch (error) {
      if (!(error instanceof SwarmpadError && error.code === 'BACKUP_DAMAGED')) throw error
      tally.refused++
    }
    expect(read.length).toBeLessThanOrEqual(bytes.length / 5)
  })
  expect(tally.refused).toBeGreaterThan(50)
})

it('a backup that someone made up adds at most what is sound in it', async () => {
  const tally = { taken: 0, refused: 0 }
  await fuzzSlowly(30, mutated(records), async ({ bytes, of }) => {
    const content = records.map((record, index) => (index === of ? reframed(record, bytes) : record))
    const sealed: Uint8Array[] = []
    for await (const chunk of sealStream(key, content as never)) sealed.push(chunk)
    const code = await restore(Buffer.concat([header, ...sealed]))
    if (code === null) tally.taken++
    else {
      expect(codes).toContain(code)
      tally.refused++
    }
  })
  expect(tally.taken).toBeGreaterThan(5)
  expect(tally.refused).toBeGreaterThan(5)
  await isUntouched()
  // All that it left behind can be opened again.
  await target.close()
  target = await DiskProfile.open({ directory: join(folder, 'target'), random })
  await isUntouched()
  expect(target.notices).toEqual([])
})

/** Half of the time with the size put right, so that what is in it is looked at. */
function reframed(record: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (bytes.length < 5 || (bytes[bytes.length - 1] ?? 0) % 2 === 0) return bytes
  const framed = Buffer.from(bytes)
  framed[0] = record[0] ?? 0
  framed.writeUInt32LE(framed.length - 5, 1)
  return framed
}
