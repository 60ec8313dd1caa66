import { setTimeout as pause } from 'node:timers/promises'
import { loopback } from '../usage'
import { type Case, keysWords } from './case'

/** Keys of a change, for a system that gathers: as many as a person types in a second or two alone. */
const keysPerSave = 10
const begin = 'Some text.\n'

/** Someone who has nothing opens a document that was typed key by key, while its writer is there. */
export const newcomer: Case = {
  name: 'newcomer',
  points: [1_000, 10_000, 100_000],
  quickPoints: [10_000],
  words: keysWords,
  async measure(group, keys, report) {
    const { peer: writer } = await group.add({ text: begin })
    const length = await writer.ask('write', [keys, 1, keysPerSave], 1_800_000)
    await pause(2_000)
    const [cpu, wire] = [await group.cpu(), loopback()]
    const { peer: reader, begun } = await group.add()
    report({
      what: 'its text, from opening the link',
      unit: 'ms',
      value: (await reader.ask('reach', [length])) - begun,
    })
    await group.equal()
    await pause(2_000)
    const sent = loopback()
    report({ what: 'processor time, with its start', unit: 'ms', value: (await group.cpu()) - cpu })
    if (wire && sent)
      report({ what: 'bytes, all packets', unit: 'kB', value: (sent.bytes - wire.bytes) / 1_000 })
    const { memory } = await reader.ask('usage', [true])
    report({ what: "newcomer's memory", unit: 'MB', value: memory / 1e6 })
  },
}
