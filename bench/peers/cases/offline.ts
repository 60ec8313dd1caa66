import { setTimeout as pause } from 'node:timers/promises'
import { randomFrom } from '../../../test/support/random'
import { prose } from '../../text'
import { loopback, moment } from '../usage'
import { type Case, keysWords } from './case'

const size = 10_000
/** Keys of a change, for a system that gathers: as many as a person types in a second alone. */
const keysPerSave = 5

/** Two people write apart from each other, then meet. */
export const offline: Case = {
  name: 'offline',
  points: [1_000, 10_000],
  quickPoints: [2_000],
  words: (keys) => `two write ${keysWords(keys)} each, apart`,
  async measure(group, keys, report) {
    const both = await group.pair(prose(randomFrom(1), size))
    await Promise.all(both.map((peer) => peer.ask('online', [false])))
    await pause(1_000)
    await Promise.all(both.map((peer, index) => peer.ask('write', [keys, index + 1, keysPerSave], 900_000)))
    const apart = await Promise.all(both.map((peer) => peer.ask('digest', [])))
    if (apart[0] === apart[1]) throw new Error('they were not apart')
    const [cpu, wire] = [await group.cpu(), loopback()]
    const begun = moment()
    await Promise.all(both.map((peer) => peer.ask('online', [true])))
    await group.equal()
    report({ what: 'equal, from going online', unit: 'ms', value: moment() - begun })
    await pause(1_000)
    const sent = loopback()
    report({ what: 'processor time, all', unit: 'ms', value: (await group.cpu()) - cpu })
    if (wire && sent)
      report({ what: 'bytes, all packets', unit: 'kB', value: (sent.bytes - wire.bytes) / 1_000 })
  },
}
