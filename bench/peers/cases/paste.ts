import { setTimeout as pause } from 'node:timers/promises'
import { type Case, sizeWords } from './case'

const before = 'Some text.\n'
const mega = 1_000_000
/** Memory that a paste may take at the receiver, in MB, by its size. */
const memoryAims = new Map([
  [mega, 40],
  [5 * mega, 80],
  [10 * mega, 120],
])

/** A long text is pasted into a short one that two people have open; then half of it is deleted. */
export const paste: Case = {
  name: 'paste',
  points: [1_000, 10_000, 100_000, mega, 5 * mega, 10 * mega],
  quickPoints: [100_000, mega],
  words: sizeWords,
  aims: (size) => {
    const memory = memoryAims.get(size)
    return memory
      ? { 'the other has it': { times: 4 }, "receiver's memory above idle": { most: memory } }
      : {}
  },
  async measure(group, size, report) {
    const [writer, reader] = await group.pair(before)
    const idle = await reader.ask('usage', [true])
    const cpu = await group.cpu()
    const begun = await writer.ask('paste', [before.length, size])
    const arrived = await reader.ask('reach', [before.length + size])
    report({ what: 'the other has it', unit: 'ms', value: arrived - begun })
    report({ what: 'on the disk of the writer', unit: 'ms', value: (await writer.ask('saved', [])) - begun })
    await pause(2_000)
    report({ what: 'processor time, all', unit: 'ms', value: (await group.cpu()) - cpu })
    const after = await reader.ask('usage', [true])
    report({ what: "receiver's memory above idle", unit: 'MB', value: (after.memory - idle.memory) / mega })
    report({ what: 'the same at its peak', unit: 'MB', value: (after.peak - idle.memory) / mega })
    await group.equal()
    await reader.ask('steps', [])
    const erased = await writer.ask('erase', [before.length + size / 4, before.length + (3 * size) / 4])
    const gone = await reader.ask('reach', [before.length + size / 2, 'most'])
    report({ what: 'the half deleted: the other has it', unit: 'ms', value: gone - erased })
    await group.equal()
  },
}
