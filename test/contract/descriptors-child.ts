import { closeSync, openSync } from 'node:fs'
import { LevelStore } from '../../main/storage/level-store'

/** Reads a store of tables while this process has no file descriptor left, and when it has some; says what came. */
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)
const directory = process.argv[2] ?? ''
const everything = { gte: Buffer.of(0), lt: Buffer.of(255) }
const held: number[] = []

async function read(store: LevelStore): Promise<unknown> {
  let count = 0
  try {
    for await (const _ of store.entries(everything)) count++
    return [count, (await store.get(Buffer.from('1 1')))?.length]
  } catch (error) {
    return (error as { code: string }).code
  }
}

const open = (store: LevelStore): Promise<unknown> =>
  store.open().then(
    () => 'open',
    ({ code }) => code,
  )

function holdAll(): void {
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch {
    // None is left.
  }
}

const release = () => {
  for (const file of held.splice(0)) closeSync(file)
}

const store = new LevelStore(directory)
await store.open()
holdAll()
say(await read(store))
const second = new LevelStore(`${directory} 2`)
say(await open(second))
release()
say(await read(store))
say(await open(second))
say(await read(second))
for (const one of [store, second]) await one.close()
