import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { systemEnvironment } from '../main/base/environment'
import { hex } from '../main/base/hex'
import { openWorkspace, type Workspace } from '../main/headless'
import { keysFromWrite } from '../main/keys/derive'
import { TextRecords } from '../main/library/text-records'
import { MasterKey } from '../main/profile/master-key'
import { Vault } from '../main/profile/vault'
import { LevelStore } from '../main/storage/level-store'
import type { SearchQuery } from '../preload/contract/search'
import { toText } from '../preload/text'
import { type Random, randomFrom } from '../test/support/random'
import { keepMany } from './kept-profile'
import { Place, pause } from './place'
import { percentile, report } from './report'
import { Role, released, roleOptions, tell } from './role'

const counts = [10, 1_000, 10_000]
/** Length of each text, in UTF-16 code units. */
const textLength = 4_000
const rounds = 12

interface SearcherOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
}

/** Spans in ms, memory in MB. */
interface Searched {
  readonly first: { readonly toHits: number; readonly toEnd: number; readonly longestHold: number }
  readonly later: { readonly toHits: readonly number[]; readonly toEnd: readonly number[] }
  readonly longestHold: number
  readonly memory: number
}

const searcher = roleOptions<SearcherOptions>('searcher')
if (searcher) await search(searcher)
else await measure()

/** Searches in few and in many documents, the first of which reads all texts. */
async function measure(): Promise<void> {
  const place = await Place.open()
  const { bootstrap } = place
  for (const count of counts) {
    const directory = place.folder()
    const random = randomFrom(count)
    const keys = Array.from({ length: count }, () => keysFromWrite(random.bytes(32)))
    await keepMany(directory, place, keys, 3)
    await storeTexts(
      directory,
      keys.map(({ documentId }) => documentId),
    )
    const child = new Role<Searched>('searcher', { directory, bootstrap } satisfies SearcherOptions)
    const { first, later, longestHold, memory } = await child.next()
    await child.end()
    const name = `searching ${count} documents`
    report(`${name}, for the first time: to the first hits`, first.toHits, 'ms')
    report(`${name}, for the first time: to all hits`, first.toEnd, 'ms', 1_000)
    report(`${name}, for the first time: the longest hold of the main thread`, first.longestHold, 'ms', 10)
    report(`${name}: to the first hits, p95`, percentile(later.toHits, 0.95), 'ms')
    report(`${name}: to all hits, p50`, percentile(later.toEnd, 0.5), 'ms')
    report(`${name}: to all hits, p95`, percentile(later.toEnd, 0.95), 'ms', 200)
    report(`${name}: the longest hold of the main thread`, longestHold, 'ms', 10)
    report(`${name}: memory of the thread with all texts`, memory, 'MB')
  }
  await place.close()
}

async function storeTexts(directory: string, ids: readonly Uint8Array[]): Promise<void> {
  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const { random } = systemEnvironment
  const vault = new Vault({ store, key: await new MasterKey({ directory, random }).open(true), random })
  const texts = new TextRecords({ vault, store })
  const words = vocabulary(randomFrom(1))
  for (const [index, id] of ids.entries()) {
    const seen = await texts.open(hex(id))
    await seen.store(toText(textOf(randomFrom(index + 2), words)), null)
  }
  await store.close()
}

/** Made words, every tenth of them with an umlaut. */
function vocabulary(random: Random): string[] {
  const syllables = [
    'ba',
    'con',
    'der',
    'fi',
    'gra',
    'ho',
    'ka',
    'lin',
    'mor',
    'ne',
    'pra',
    'qui',
    'ro',
    'sten',
    'tu',
  ]
  return Array.from({ length: 20_000 }, (_, index) => {
    const word = Array.from({ length: 2 + (index % 3) }, () => random.pick(syllables)).join('')
    return index % 10 === 0 ? `${word}ü` : word
  })
}

/** A text in which few words are common and most are rare; three of four texts are plain ASCII. */
function textOf(random: Random, words: readonly string[]): string {
  const isPlain = random.chance(0.75)
  const parts = ['# ', random.pick(words), ' ', random.pick(words), '\n\n']
  for (let size = 0; size < textLength; ) {
    const place = Math.floor(words.length * (random.bytes(4).readUInt32LE() / 2 ** 32) ** 3)
    const word = words[place] ?? ''
    const part = `${isPlain ? word.replace('ü', 'ue') : word}${random.chance(0.02) ? '\n\n' : ' '}`
    parts.push(part)
    size += part.length
  }
  return parts.join('')
}

async function search({ directory, bootstrap }: SearcherOptions): Promise<void> {
  const workspace = await openWorkspace({ directory, bootstrap })
  await workspace.setOffline(true)
  await workspace.settings.set({ ...workspace.settings.value, searchUnopened: false })
  await stillness()
  const words = vocabulary(randomFrom(1))
  const queries = (round: number): SearchQuery[] => {
    const [common = '', rare = '', other = ''] = [words[round], words[15_000 + round], words[300 + round]]
    const texts = [
      common.slice(0, 1),
      common.slice(0, 3),
      common,
      rare,
      `${common} ${other}`,
      `"${common} ${other}"`,
    ]
    return [
      ...texts.map((text) => ({ text, kind: 'words' as const })),
      { text: `\\b${common}\\s+\\w*${other.slice(0, 3)}`, kind: 'regexp' },
    ]
  }
  const holds = monitorEventLoopDelay({ resolution: 2 })
  const before = process.memoryUsage.rss()
  holds.enable()
  const first = await searchOnce(workspace, { text: `${words[3]}`, kind: 'words' })
  const firstHold = holds.max / 1e6
  const memory = (process.memoryUsage.rss() - before) / 2 ** 20
  holds.reset()
  const later = { toHits: [] as number[], toEnd: [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const query of queries(round)) {
      const { toHits, toEnd } = await searchOnce(workspace, query)
      later.toHits.push(toHits)
      later.toEnd.push(toEnd)
    }
  const longestHold = holds.max / 1e6
  tell({ first: { ...first, longestHold: firstHold }, later, longestHold, memory } satisfies Searched)
  await released()
  process.exit(0)
}

/** Resolves when the main thread has little to do: it opens all logs after the start. */
async function stillness(): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const before = performance.eventLoopUtilization()
    await pause(500)
    if (performance.eventLoopUtilization(before).utilization < 0.1) return
  }
}

function searchOnce(workspace: Workspace, query: SearchQuery): Promise<{ toHits: number; toEnd: number }> {
  const began = performance.now()
  let toHits: number | null = null
  return new Promise((resolve) => {
    workspace.search(query, ({ hits, done }) => {
      if (hits.length > 0 || done) toHits ??= performance.now() - began
      if (done) resolve({ toHits: toHits ?? Number.NaN, toEnd: performance.now() - began })
    })
  })
}
