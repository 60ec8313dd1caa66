import { keysFromWrite } from '../main/keys/derive'
import { Author } from '../test/support/author'
import { randomFrom } from '../test/support/random'
import type { Edit } from '../test/support/trace'
import { percentile, report, reportSpread } from './report'
import { prose, sizes } from './text'

/** Cost of applying one remote keystroke, in documents of several sizes and two origins. */
const rounds = 150
const random = randomFrom(3)

interface Pair {
  readonly name: string
  readonly author: Author
  readonly reader: Author
  readonly times: number[]
  place: number
}

const pairs = sizes.flatMap(({ name, size }) => [
  prepare(`${name} imported`, (author) => {
    author.write([{ from: 0, to: 0, insert: prose(random, size) }])
  }),
  prepare(`${name} typed`, (author) => typeWords(author, size)),
])
// In turns, so that whatever else the machine does falls on all alike.
for (let round = 0; round < rounds; round++) for (const pair of pairs) pair.times.push(key(pair))
for (const { name, times } of pairs) reportSpread(`remote key, ${name}`, times, 'ms')
for (const origin of ['imported', 'typed']) {
  const [small, large] = [`1 kB ${origin}`, `1 MB ${origin}`].map((name) =>
    percentile(pairs.find((pair) => pair.name === name)?.times ?? [], 0.5),
  )
  report(
    `remote key, 1 MB against 1 kB, ${origin}`,
    (large ?? Number.NaN) / (small ?? Number.NaN),
    'times',
    2,
  )
}

function prepare(name: string, fill: (author: Author) => void): Pair {
  const keys = keysFromWrite(random.bytes(32))
  const author = new Author(keys, 0)
  const reader = new Author(keys, 1)
  fill(author)
  reader.take(author, author.written)
  return { name, author, reader, times: [], place: 0 }
}

/** Types a text word by word, mostly where the last one was; five words are a change. */
function typeWords(author: Author, size: number): void {
  let length = 0
  let place = 0
  while (length < size) {
    if (random.chance(0.05)) place = random.below(length + 1)
    const edits: Edit[] = []
    for (let word = 0; word < 5 && length < size; word++) {
      const insert = prose(random, Math.min(6, size - length))
      edits.push({ from: place, to: place, insert })
      place += insert.length
      length += insert.length
    }
    author.write(edits)
  }
}

/** One key in a run of ten, then elsewhere; returns the ms that the reader took. */
function key(pair: Pair): number {
  const { author, reader, times } = pair
  if (times.length % 10 === 0) pair.place = random.below(author.replica.text.length)
  author.write([{ from: pair.place, to: pair.place, insert: 'x' }])
  pair.place++
  author.sealed(0, author.written)
  const started = performance.now()
  reader.take(author, author.written)
  return performance.now() - started
}
