import { setTimeout as pause } from 'node:timers/promises'
import { randomFrom } from '../../../test/support/random'
import { prose } from '../../text'
import type { Case } from './case'

const size = 5_000
const keysEach = 20
const perSecond = 4

/** Many people write in one document at once, all over it. */
export const writers: Case = {
  name: 'writers',
  points: [2, 5, 10, 20, 50],
  quickPoints: [2, 10],
  words: (count) => `${count} writers`,
  aims: (count) => ({
    'processor time a key written, all': { times: 3 },
    'equal after the last key': { most: count > 20 ? 2_000 : 500 },
  }),
  async measure(group, count, report) {
    const text = prose(randomFrom(count), size)
    const { peer: first, opened } = await group.add({ text })
    // A few at a time: starting many processes at once measures the machine.
    for (let started = 1; started < count; started += 4)
      await Promise.all(Array.from({ length: Math.min(4, count - started) }, () => group.add()))
    const joined = await Promise.all(group.peers.map((peer) => peer.ask('reach', [size])))
    report({ what: 'all have joined, with their start', unit: 'ms', value: Math.max(...joined) - opened })
    // Connections among all are made meanwhile.
    await pause(4_000 + count * 200)
    const cpu = await group.cpu()
    const lasts = await Promise.all(
      group.peers.map((peer, index) => peer.ask('scatter', [keysEach, perSecond, index])),
    )
    const reached = await Promise.all(group.peers.map((peer) => peer.ask('reach', [size + count * keysEach])))
    const wait = Math.max(...reached) - Math.max(...lasts)
    report({ what: 'equal after the last key', unit: 'ms', value: Math.max(0, wait) })
    const keys = count * keysEach
    const value = ((await group.cpu()) - cpu) / keys
    report({ what: 'processor time a key written, all', unit: 'ms', value })
    report({ what: 'the same for each that receives it', unit: 'ms', value: value / (count - 1) })
    const { memory } = await first.ask('usage', [true])
    report({ what: 'memory of one peer', unit: 'MB', value: memory / 1e6 })
    await group.equal()
  },
}
