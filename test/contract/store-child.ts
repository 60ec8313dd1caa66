import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { SwarmpadError } from '../../main/base/errors'
import { LevelStore } from '../../main/storage/level-store'
import { contentOf, everything, keyOf, numberOf } from './store-content'

const [mode = '', ...directories] = process.argv.slice(2)
const say = (line: string | number) => process.stdout.write(`${line}\n`)

/** Writes numbers, each in several keys at once, and says each one that is durable. */
async function write(directory: string): Promise<void> {
  const store = new LevelStore(directory)
  await store.open()
  let next = 0
  for await (const [key] of store.entries(everything)) next = Math.max(next, numberOf(key) + 1)
  const writer = async () => {
    for (;;) {
      const number = next++
      await store.write([0, 1, 2].map((part) => ({ key: keyOf(number, part), value: contentOf(number) })))
      say(number)
    }
  }
  await Promise.all(Array.from({ length: 4 }, writer))
}

/** Holds a store until its input ends. */
async function hold(directory: string): Promise<void> {
  const store = new LevelStore(directory)
  await store.open()
  say('open')
  await once(process.stdin.resume(), 'end')
  await store.close()
}

/** Uses stores in every way, twice each, and says for each how that went. */
async function use(): Promise<void> {
  for (const directory of directories) {
    const [first, second] = [await useOnce(directory, 0), await useOnce(directory, 1)]
    say(second ?? first ?? 'works')
  }
}

/** Opens a store, reads and writes, and closes it; resolves to a failure, or null. */
async function useOnce(directory: string, number: number): Promise<string | null> {
  const store = new LevelStore(directory)
  let failure: string | null = null
  try {
    await store.open()
    const hash = createHash('sha256')
    for await (const [key, value] of store.entries(everything)) hash.update(key).update(value)
    for await (const [key] of store.entries({ ...everything, reverse: true, limit: 50 })) hash.update(key)
    for (let number = 0; number < 40; number++) await store.get(keyOf(number, 0))
    await store.write([{ key: keyOf(number, 1), value: contentOf(0) }])
  } catch (error) {
    failure = error instanceof SwarmpadError ? error.code : `not foreseen: ${String(error)}`
  }
  return store.close().then(
    () => failure,
    (error) => `did not close: ${String(error)}`,
  )
}

if (mode === 'write') await write(directories[0] ?? '')
else if (mode === 'hold') await hold(directories[0] ?? '')
else await use()
