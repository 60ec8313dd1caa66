import { setTimeout as pause } from 'node:timers/promises'
import { type Case, sizeWords } from './case'

const before = 'Some text.\n'
const perSecond = 5
/** How long is typed, in s: in the long form and the quick one. */
const spans = { long: 600, quick: 40 }
/** How long after the last key is still counted, in ms: caches are written later. */
const tail = 35_000

/** Bytes written to disk for each key, caches included, after a text was pasted. */
export const disk: Case = {
  name: 'disk',
  points: [10_000, 5_000_000],
  quickPoints: [1_000_000],
  words: (size) => `typing into ${sizeWords(size)}`,
  systems: ['swarmpad', 'yjs'],
  aims: () => ({ 'written a key by the writer': { most: 10 }, 'written a key by the reader': { most: 10 } }),
  async measure(group, size, report, quick) {
    const [writer, reader] = await group.pair(before)
    await writer.ask('paste', [before.length, size])
    await reader.ask('reach', [before.length + size])
    await writer.ask('saved', [])
    // The paste itself, and the caches that it changed, are not counted.
    await pause(tail)
    const keys = perSecond * (quick ? spans.quick : spans.long)
    const peers = { writer, reader }
    const begun = { writer: await writer.ask('usage', [false]), reader: await reader.ask('usage', [false]) }
    await writer.ask('type', [before.length, keys, perSecond], 900_000)
    await pause(tail)
    for (const name of ['writer', 'reader'] as const) {
      const { written } = await peers[name].ask('usage', [false])
      if (written === null || begun[name].written === null)
        throw new Error('this system does not count what a process writes')
      const value = (written - begun[name].written) / keys / 1_000
      report({ what: `written a key by the ${name}`, unit: 'kB', value })
    }
    await group.equal()
  },
}
