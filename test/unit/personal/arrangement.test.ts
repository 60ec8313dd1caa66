import { beforeEach, describe, expect, it } from 'vitest'
import { Arrangement } from '../../../main/personal/arrangement'
import { type Register, Registers } from '../../../main/personal/registers'
import { Vault } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const [one = '', two = ''] = ['a1', 'b2'].map((byte) => byte.repeat(32))
const random = randomFrom(9)
let disk: MemoryDisk
let clock: ManualClock

beforeEach(() => {
  disk = new MemoryDisk()
  clock = new ManualClock()
})

async function opened() {
  const store = new MemoryStore(disk)
  const vault = new Vault({ store, key: Buffer.alloc(32, 7), random: (size) => random.bytes(size) })
  const arrangement = new Arrangement({ vault, store, clock })
  await arrangement.open()
  return { arrangement, store, vault }
}

const folded = (registers: readonly Register[]) => {
  const all = new Registers()
  for (const register of registers) all.take(register)
  return all
}

describe('an arrangement', () => {
  it('is durable when it is shown, and says once what changed', async () => {
    const { arrangement } = await opened()
    const changed: string[][] = []
    arrangement.on('changed', (registers) => changed.push(registers.map(({ kind }) => kind)))
    await arrangement.arrange([one, two], { folder: 'Work', pinned: true })
    await arrangement.arrange([one], { folder: 'Work', archived: false })
    expect(changed).toEqual([['folder', 'folder', 'pinned', 'pinned']])
    expect((await opened()).arrangement.of(two)).toEqual({ folder: 'Work', pinned: true, archived: false })
    const values = [...disk.values.values()].map((value) => Buffer.from(value).toString('latin1'))
    expect(values.join()).not.toContain('Work')
  })

  it('refuses as a whole what the private document could not hold', async () => {
    const { arrangement } = await opened()
    const refused = arrangement.set([
      { kind: 'pinned', subject: one, value: true },
      { kind: 'folder', subject: one, value: 'not trimmed ' },
    ])
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    await expect(
      arrangement.set([{ kind: 'word', subject: 'two words', value: true }]),
    ).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    expect([arrangement.isEmpty, (await opened()).arrangement.isEmpty]).toEqual([true, true])
  })

  it('loses nothing of what the private document lacks, whenever it ends', async () => {
    const first = await opened()
    await first.arrangement.arrange([one], { pinned: true })
    expect(
      await first.arrangement.agree('ab', 'extent', folded([...first.arrangement.beyond(new Registers())])),
    ).toBe(true)
    const again = await opened()
    expect(again.arrangement.agreed).toEqual({ document: 'ab', extent: 'extent', isPut: true })
    void again.arrangement.arrange([one], { folder: 'Late' })
    await quiet()
    again.store.crash()
    const { arrangement } = await opened()
    expect([arrangement.of(one).folder, arrangement.agreed?.isPut]).toEqual(['Late', false])
    // The document lacks the folder: they do not agree.
    const put = arrangement.beyond(new Registers()).filter(({ kind }) => kind === 'pinned')
    expect(await arrangement.agree('ab', 'extent 2', folded(put))).toBe(false)
    expect(arrangement.beyond(folded(put)).map(({ kind }) => kind)).toEqual(['folder'])
  })

  it('takes from the private document what is later than here, with no need to put it back', async () => {
    const { arrangement } = await opened()
    await arrangement.arrange([one], { folder: 'Here' })
    const [here] = arrangement.beyond(new Registers())
    if (!here) throw new Error('nothing is arranged')
    await arrangement.agree('ab', 'extent', folded([here]))
    await arrangement.take([{ ...here, stamp: here.stamp - 1, value: 'Earlier' }])
    expect(arrangement.of(one).folder).toBe('Here')
    await arrangement.take([{ ...here, stamp: here.stamp + 9, value: 'Later' }])
    expect([arrangement.of(one).folder, arrangement.agreed?.isPut]).toEqual(['Later', true])
    // The next setting is later still, though this clock is behind.
    await arrangement.arrange([one], { folder: 'Latest' })
    expect((await opened()).arrangement.of(one).folder).toBe('Latest')
  })

  it('takes over removals of older programs once, and reads on past a damaged record', async () => {
    const { vault } = await opened()
    await vault.write('gone', Buffer.from(one, 'hex'), one)
    const { arrangement } = await opened()
    expect([arrangement.isRemoved(one), arrangement.isRemoved(two)]).toEqual([true, false])
    expect((await vault.all('gone')).records.size).toBe(0)
    await arrangement.arrange([two], { pinned: true })
    await arrangement.agree('ab', 'extent', folded([...arrangement.beyond(new Registers())]))
    for (const [key, value] of disk.values)
      if (key === `A${Buffer.from(one, 'hex').toString('latin1')}`) value.fill(1)
    const again = await opened()
    // The private document is read again, since it has the register of the damaged record.
    expect(again.arrangement.agreed).toBeNull()
    expect([again.arrangement.isRemoved(one), again.arrangement.of(two).pinned]).toEqual([false, true])
  })
})
