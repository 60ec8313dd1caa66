import { describe, expect, it } from 'vitest'
import { grounds } from '../support/ground'
import { twoHistories } from './two-histories'

/** SWARMPAD_SEED plays one run again; SWARMPAD_SOAK makes hundreds of them. */
const only = process.env.SWARMPAD_SEED
const runs = process.env.SWARMPAD_SOAK ? 400 : 40
const batch = 10

describe.each(grounds)('a session with several histories in a %s text (S12, D9)', (ground) => {
  if (only !== undefined) {
    it(`heals, seed ${only}`, () => twoHistories(Number(only), ground), 120_000)
    return
  }
  const count = ground === 'short' ? runs : runs / 2
  it.each(Array.from({ length: count / batch }, (_, index) => index * batch))(
    'leaves everyone with one text and every word of the honest in it once, seeds from %i',
    async (first) => {
      const failed: string[] = []
      for (let seed = first; seed < first + batch; seed++) {
        try {
          await twoHistories(seed, ground)
        } catch (error) {
          failed.push(`SWARMPAD_SEED=${seed}: ${error instanceof Error ? error.message : error}`)
        }
      }
      expect(failed).toEqual([])
    },
    1_200_000,
  )
})
