import { expect, it } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { fromHex } from '../../../main/base/hex'
import { Places } from '../../../main/library/places'
import { Vault } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { emptyLayout, type WindowLayout } from '../../../preload/contract/layout'
import { ManualClock } from '../../support/manual-clock'

const one = '0a'.repeat(32)
const two = '0b'.repeat(32)
const place = { anchor: 3, head: 7, top: { offset: 40, distance: -12 }, folds: [[9, 30] as [number, number]] }

/** A window with a pane for each list of tabs, whose last tab is in front. */
const shows = (...panes: string[][]): WindowLayout => ({
  ...emptyLayout,
  panes: panes.map((tabs) => ({ tabs, front: tabs.at(-1) ?? null })),
  active: panes.length === 2 ? 1 : 0,
  outline: true,
})

function desk() {
  const disk = new MemoryDisk()
  const shown = new Set([one, two])
  const open = async () => {
    const store = new MemoryStore(disk)
    await store.open()
    const vault = new Vault({ store, key: Buffer.alloc(32, 1), random: systemEnvironment.random })
    const clock = new ManualClock()
    return { store, vault, clock, places: new Places({ vault, store, clock, has: (id) => shown.has(id) }) }
  }
  return { disk, shown, open }
}

it('a place is there at once, on the disk some seconds later in one write, and sealed', async () => {
  const { disk, open } = desk()
  const { places, clock } = await open()
  for (let head = 0; head < 100; head++) places.note(one, { ...place, head })
  const windows = [
    { layout: shows([one]), place: { width: 800, height: 600 } },
    { layout: shows([one], [two]), place: null },
  ]
  places.noteWindows(windows)
  expect(await places.windows()).toEqual(windows)
  expect(await places.of(one)).toEqual({ ...place, head: 99 })
  expect(await places.of(two)).toBeNull()
  expect(disk.values.size).toBe(0)
  await clock.advance(5_000)
  expect(disk.values.size).toBe(2)
  for (const value of disk.values.values())
    expect(Buffer.from(value).toString('latin1')).not.toContain('anchor')
  const again = (await open()).places
  expect(await again.of(one)).toEqual({ ...place, head: 99 })
  expect(await again.windows()).toEqual(windows)
})

it('closing writes what is noted; a document that is gone has no place and is shown no more', async () => {
  const { shown, open } = desk()
  const { places } = await open()
  places.note(two, place)
  places.noteWindows([
    { layout: shows([two]), place: null },
    { layout: shows([two], [one, two]), place: null },
  ])
  await places.close()
  places.note(one, place)
  expect(await places.of(one)).toBeNull()
  expect(await (await open()).places.of(two)).toEqual(place)
  shown.delete(two)
  const after = (await open()).places
  expect(await after.windows()).toEqual([{ layout: { ...shows([one]), active: 0 }, place: null }])
  after.note(two, { ...place, head: 1 })
  expect(await after.of(two)).toEqual(place)
})

it('a record of another form or that is damaged is no place', async () => {
  const { disk, open } = desk()
  const { vault, places } = await open()
  await vault.write('place', fromHex(one), { ...place, head: -1 })
  expect(await places.of(one)).toBeNull()
  await vault.write('place', fromHex(two), place)
  for (const [key, value] of disk.values) disk.values.set(key, Uint8Array.from(value).fill(7, 30, 34))
  expect(await places.of(two)).toBeNull()
  expect(await places.windows()).toEqual([])
})

it('reads what earlier programs noted: one document', async () => {
  const { open } = desk()
  const { vault, places } = await open()
  await vault.write('place', new Uint8Array(0), { document: one, outline: true })
  expect(await places.windows()).toEqual([{ layout: shows([one]), place: null }])
  await vault.write('place', new Uint8Array(0), { document: null, outline: true })
  expect(await places.windows()).toEqual([])
})
