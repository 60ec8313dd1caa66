import { setTimeout as pause } from 'node:timers/promises'
import type { Group } from '../group'
import type { libraryCalls } from '../library'
import { packetsDuring } from '../usage'
import type { Case } from './case'

/** The library that larger ones are compared with. */
const few = 10
/** How long a library is online before it counts as idle, and how long it is measured then, in ms. */
const settle = { long: 180_000, quick: 20_000 }
const span = 15_000

interface Library {
  /** Ms until the list was there, and until the text of a document that was clicked. */
  readonly start: number
  readonly click: number
  /** MB. */
  readonly memory: number
  /** Percent of a core, and packets a second; null where packets are not counted. */
  readonly cpu: number
  readonly packets: number | null
  /** Ms until someone new to it had the texts of three, and until a change of one was back with the library. */
  readonly joined: number
  readonly changed: number
}

/** One person keeps many documents, of which none is open. The others have no library of documents. */
export const documents: Case = {
  name: 'documents',
  points: [1_000, 10_000],
  quickPoints: [1_000],
  words: (count) => `${count.toLocaleString('en')} kept`,
  systems: ['swarmpad'],
  nodes: 30,
  aims: (count) => ({
    'memory above that with ten': { most: count > 1_000 ? 100 : 20 },
    'packets a second, idle': { most: count > 1_000 ? 40 : 20 },
    'first click, beside that with ten': { most: 1.5 },
    'a change of one of three shared: it has arrived': { most: 120_000 },
  }),
  async measure(group, count, report, quick) {
    const wait = quick ? settle.quick : settle.long
    const ten = await measureLibrary(group, few, wait)
    const many = await measureLibrary(group, count, wait)
    report({ what: 'start, to the list', unit: 'ms', value: many.start })
    report({ what: 'memory', unit: 'MB', value: many.memory })
    report({ what: 'memory above that with ten', unit: 'MB', value: many.memory - ten.memory })
    report({ what: 'processor time, idle', unit: '% of a core', value: many.cpu })
    if (many.packets !== null) report({ what: 'packets a second, idle', unit: '', value: many.packets })
    if (ten.packets !== null) report({ what: 'the same with ten', unit: '', value: ten.packets })
    report({ what: 'first click', unit: 'ms', value: many.click })
    report({ what: 'first click, beside that with ten', unit: 'times', value: many.click / ten.click })
    report({ what: 'someone has the texts of three of them', unit: 'ms', value: many.joined })
    report({ what: 'a change of one of three shared: it has arrived', unit: 'ms', value: many.changed })
  },
}

async function measureLibrary(group: Group, count: number, wait: number): Promise<Library> {
  const { bootstrap } = group
  const directory = group.folder()
  const maker = group.start<typeof libraryCalls>('library')
  const made = await maker.ask('make', [directory, bootstrap, count], 3_600_000)
  await maker.end()
  // The DHT's own nodes talk too.
  const quiet = await packetsDuring(span)
  const library = group.start<typeof libraryCalls>('library')
  const start = await library.ask('open', [directory, bootstrap])
  await pause(wait)
  const before = await library.ask('usage', [true])
  const sent = await packetsDuring(span)
  const after = await library.ask('usage', [true])
  // Not one of those that are changed below.
  const click = await library.ask('click', [made.at(-1)?.id ?? ''])
  const other = group.start<typeof libraryCalls>('library')
  await other.ask('open', [group.folder(), bootstrap])
  const joined = await other.ask('join', [made.slice(0, 3).map(({ link }) => link)])
  const changed = await other.ask('change', [1])
  await Promise.all([library.end(), other.end()])
  return {
    start,
    click,
    memory: after.memory / 1e6,
    cpu: ((after.cpu - before.cpu) / span) * 100,
    packets: sent === null || quiet === null ? null : Math.max(0, sent - quiet),
    joined,
    changed,
  }
}
