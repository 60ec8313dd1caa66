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

/** Uses stores in every way, each twice, and says for each how that went. */
async function use(): Promise<void> {
  for (const directory of directories) {
    let answer = 'works'
    for (const again of [false, true]) {
      const store = new LevelStore(directory)
      try {
        await readAndWrite(store, again)
      } catch (error) {
        answer = error instanceof SwarmpadError ? error.code : `not foreseen: ${String(error)}`
      }
      try {
        await store.close()
      } catch (error) {
        answer = `did not close: ${String(error)}`
      }
    }
    say(answer)
  }
}

async function readAndWrite(store: LevelStore, again: boolean): Promise<void> {
  await store.open()
  const hash = createHash('sha256')
  for await (const [key, value] of store.entries(everything)) hash.update(key).update(value)
  for await (const [key] of store.entries({ ...everything, reverse: true, limit: 50 })) hash.update(key)
  for (let number = 0; number < 40; number++) await store.get(keyOf(number, 0))
  await store.write([{ key: keyOf(again ? 1 : 0, 1), value: contentOf(0) }])
}

if (mode === 'write') await write(directories[0] ?? '')
else if (mode === 'hold') await hold(directories[0] ?? '')
else await use()
