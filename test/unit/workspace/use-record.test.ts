import { beforeEach, describe, expect, it } from 'vitest'
import { Vault } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { UseRecord } from '../../../main/workspace/use-record'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const day = 86_400_000
const random = randomFrom(5)
let disk: MemoryDisk
let clock: ManualClock

beforeEach(() => {
  disk = new MemoryDisk()
  clock = new ManualClock()
})

async function opened(): Promise<{ use: UseRecord; due: () => number }> {
  let count = 0
  const use = new UseRecord(clock, () => count++)
  const store = new MemoryStore(disk)
  await use.open(new Vault({ store, key: Buffer.alloc(32, 7), random: (size) => random.bytes(size) }))
  return { use, due: () => count }
}

describe('a passphrase is suggested', () => {
  it('on the third day of use, counted over restarts and each day once', async () => {
    for (const expected of [false, false, true]) {
      const { use } = await opened()
      await use.noteDay()
      await use.noteDay()
      expect(use.isPassphraseDue).toBe(expected)
      await clock.advance(5 * day)
    }
    expect((await opened()).use.isPassphraseDue).toBe(true)
  })

  it('once a link was copied, from then on, and reports it once', async () => {
    const { use, due } = await opened()
    await use.noteDay()
    expect([use.isPassphraseDue, due()]).toEqual([false, 0])
    await use.noteCopiedLink()
    await use.noteCopiedLink()
    expect([use.isPassphraseDue, due()]).toEqual([true, 1])
    const again = await opened()
    expect(again.use.isPassphraseDue).toBe(true)
    await again.use.noteDay()
    expect(again.due()).toBe(0)
  })

  it('later, where the record is lost or of another form, and never fails', async () => {
    const { use } = await opened()
    await use.noteCopiedLink()
    for (const [key, value] of disk.values) disk.values.set(key, value.slice(1))
    expect((await opened()).use.isPassphraseDue).toBe(false)
  })
})
