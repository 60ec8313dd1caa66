import { setTimeout as pause } from 'node:timers/promises'
import { randomFrom } from '../../../test/support/random'
import { percentile } from '../../report'
import { prose } from '../../text'
import { delays } from '../statistics'
import { systems } from '../systems'
import { loopback } from '../usage'
import { type Case, sizeWords } from './case'

const speeds = [
  { name: 'slow', perSecond: 4.3, keys: 30, quickKeys: 20 },
  { name: 'at 16/s', perSecond: 16, keys: 80, quickKeys: 48 },
  { name: 'at 60/s', perSecond: 60, keys: 300, quickKeys: 150 },
] as const

/** A key's way from the call that makes the edit to the text of another process. */
export const latency: Case = {
  name: 'latency',
  points: [1_000, 100_000, 1_000_000],
  quickPoints: [100_000],
  words: (size) => `a text of ${sizeWords(size)}`,
  systems: systems.map(({ name }) => name),
  aims: () => ({
    'a key to the other, slow, p50': { times: 1.5 },
    'a key to the other, at 60/s, p50': { most: 25 },
    'processor time a key, slow, all': { times: 2.5 },
  }),
  async measure(group, size, report, quick) {
    const [writer, reader] = await group.pair(prose(randomFrom(size), size))
    let at = Math.floor(size / 2)
    for (const { name, perSecond, keys, quickKeys } of speeds) {
      const count = quick ? quickKeys : keys
      await reader.ask('steps', [])
      const [cpu, wire] = [await group.cpu(), loopback()]
      const pressed = await writer.ask('type', [at, count, perSecond])
      at += count
      await reader.ask('reach', [pressed.at(-1)?.length ?? 0])
      await pause(700)
      const used = (await group.cpu()) - cpu
      const sent = loopback()
      const taken = delays(pressed, await reader.ask('steps', []))
      if (taken.length !== count) throw new Error(`${count - taken.length} keys were not seen`)
      for (const share of [0.5, 0.95])
        report({
          what: `a key to the other, ${name}, p${share * 100}`,
          unit: 'ms',
          value: percentile(taken, share),
        })
      report({ what: `processor time a key, ${name}, all`, unit: 'ms', value: used / count })
      if (wire && sent)
        report({
          what: `bytes a key, ${name}, all packets`,
          unit: 'bytes',
          value: (sent.bytes - wire.bytes) / count,
        })
    }
    await group.equal()
  },
}
