import { LevelStore } from '../../../../main/storage/level-store'
import { randomFrom } from '../../../support/random'

/**
 * Makes a database of twice `count` rows, of which some can be compressed. The first half, with the keys '1 0', '1 1'
 * and so on, lies in a table; the other, from '2 0' on, in its log.
 */
export async function makeDatabase(directory: string, count: number): Promise<void> {
  const random = randomFrom(count)
  for (const round of [1, 2]) {
    const store = new LevelStore(directory)
    await store.open()
    await store.write(
      Array.from({ length: count }, (_, n) => ({
        key: Buffer.from(`${round} ${n}`),
        value: n % 3 === 0 ? Buffer.alloc(300, 'text ') : random.bytes(120),
      })),
    )
    await store.close()
  }
}
