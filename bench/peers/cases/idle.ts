import { setTimeout as pause } from 'node:timers/promises'
import { packetsDuring } from '../usage'
import type { Case } from './case'

/** How long nothing happens before and while it is measured, in ms. */
const settle = 10_000
const spans = { long: 60_000, quick: 20_000 }

/** People have a document open and do nothing. */
export const idle: Case = {
  name: 'idle',
  points: [2, 10],
  quickPoints: [2],
  words: (count) => `${count} people`,
  async measure(group, count, report, quick) {
    const span = quick ? spans.quick : spans.long
    const quiet = await packetsDuring(span / 2)
    const { peer: first } = await group.add({ text: 'Some text.\n' })
    while (group.peers.length < count) await group.add()
    await Promise.all(group.peers.map((peer) => peer.ask('reach', [1])))
    await pause(settle)
    const cpu = await group.cpu()
    const sent = await packetsDuring(span)
    const value = (((await group.cpu()) - cpu) / span / count) * 100
    report({ what: 'processor time of each, server included', unit: '% of a core', value })
    // The DHT's own nodes talk too.
    if (quiet !== null && sent !== null)
      report({ what: 'packets a second for each', unit: '', value: Math.max(0, sent - quiet) / count })
    const { memory } = await first.ask('usage', [true])
    report({ what: 'memory', unit: 'MB', value: memory / 1e6 })
  },
}
