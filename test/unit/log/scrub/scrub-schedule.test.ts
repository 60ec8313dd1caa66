import { expect, it, vi } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { DocumentLog } from '../../../../main/log/document-log'
import { tipProofSize } from '../../../../main/log/format/segment'
import { checkedKey, segmentKey } from '../../../../main/log/format/store-keys'
import { ScrubSchedule } from '../../../../main/log/scrub/scrub-schedule'
import { checkInterval } from '../../../../main/log/scrub/scrubber'
import { MemoryDisk, MemoryStore } from '../../../../main/storage/memory-store'
import { fixture, flipped } from '../fixture'

it('each log is looked at a minute after the start, one after the other, and again after a week (S15)', async () => {
  const { clock, environment, ...parts } = fixture(81)
  const disk = new MemoryDisk()
  const name = (key: Uint8Array) => Buffer.from(key).toString('latin1')
  const made = await Promise.all(
    [parts, fixture(82)].map(async ({ keys, session, change }) => {
      const store = new MemoryStore(disk)
      const log = new DocumentLog({ store, environment, documentId: keys.documentId, verify: keys.verify })
      await log.open()
      const writer = session()
      for (let n = 0; n < 3; n++) await log.append(writer, [change()])
      const spoil = () => {
        const key = name(segmentKey(keys.documentId, writer.session, 2))
        disk.values.set(key, flipped(disk.values.get(key) ?? expect.fail(), tipProofSize - 1))
      }
      const isNoted = () => disk.values.has(name(checkedKey(keys.documentId)))
      return { log, spoil, isNoted, id: hex(writer.session) }
    }),
  )
  const [first = expect.fail(), second = expect.fail()] = made
  const checks = new ScrubSchedule({ clock, targets: () => made.map(({ log }) => log) })
  checks.start()
  clock.tick(59_000)
  expect(first.isNoted()).toBe(false)
  clock.tick(1_000)
  await vi.waitFor(() => expect(first.isNoted() && second.isNoted()).toBe(true))
  // A sound log is not checked again for a week: a start reads at most one record of each.
  second.spoil()
  const looks = vi.spyOn(second.log.health, 'check')
  clock.tick(checkInterval - 60_000)
  await vi.waitFor(() => expect(clock.nextIn).toBe(60_000))
  expect(looks).not.toHaveBeenCalled()
  clock.tick(60_000)
  await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(1))
  await looks.mock.results[0]?.value
  // It is this process's own session: what is still in memory was written again.
  expect(second.log.health.isDamaged).toBe(false)
  expect(second.log.tip(second.id)).toBe(3)
  checks.stop()
  clock.tick(2 * checkInterval)
  expect(looks).toHaveBeenCalledTimes(1)
})
