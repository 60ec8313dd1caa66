import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { hex } from '../../main/base/hex'
import { DocumentLog } from '../../main/log/document-log'
import { TimeSlicer } from '../../main/log/scrub/time-slicer'
import { LevelStore } from '../../main/storage/level-store'
import { collect, fixture } from '../unit/log/fixture'

const { keys, environment, clock, session, change } = fixture(73)
const { documentId } = keys

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'swarmpad-flipped-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

async function open() {
  const store = new LevelStore(directory)
  await store.open()
  const log = new DocumentLog({ store, environment, documentId, verify: keys.verify })
  await log.open()
  const close = async () => {
    await log.close()
    await store.close()
  }
  return { log, close }
}

it('S17 a bit that fell over in a file of the database is mended, and is no more there at the next start', async () => {
  const first = await open()
  const author = session()
  const segments: Uint8Array[] = []
  for (let n = 0; n < 30; n++) {
    const { bytes } = author.seal([change(2_000)])
    segments.push(Uint8Array.from(bytes))
    expect(first.log.accept(bytes, n === 0 ? author.certificate : null)).toBe('accepted')
  }
  await first.log.idle()
  await first.close()
  // Opened again, it has them in a table.
  const second = await open()
  const table = join(directory, readdirSync(directory).find((file) => file.endsWith('.ldb')) ?? expect.fail())
  const at = readFileSync(table).indexOf((segments[10] ?? expect.fail()).subarray(300, 340))
  expect(at).toBeGreaterThan(0)
  const file = openSync(table, 'r+')
  writeSync(file, Buffer.of((readFileSync(table)[at] ?? 0) ^ 1), 0, 1, at)
  closeSync(file)

  await second.log.health.check(new TimeSlicer({ clock, slice: 1_000, rest: 0 }))
  expect(second.log.health.isDamaged).toBe(true)
  expect(second.log.tip(hex(author.session))).toBe(10)
  for (const bytes of segments) second.log.accept(bytes, null)
  await vi.waitFor(() => expect(second.log.health.isDamaged).toBe(false))
  await second.close()

  const third = await open()
  expect((await collect(third.log.signedSegments(hex(author.session), 0))).length).toBe(30)
  await third.close()
})
