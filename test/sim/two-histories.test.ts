import { describe, expect, it } from 'vitest'
import { twoHistories } from './two-histories'

/** SWARMPAD_SEED plays one run again; SWARMPAD_SOAK makes hundreds of them. */
const only = process.env.SWARMPAD_SEED
const runs = process.env.SWARMPAD_SOAK ? 400 : 40
const batch = 10

describe('a session with several histories (S12, D9)', () => {
  if (only !== undefined) {
    it(`heals, seed ${only}`, () => twoHistories(Number(only)), 120_000)
    return
  }
  it.each(Array.from({ length: runs / batch }, (_, index) => index * batch))(
    'leaves everyone with one text and every word of the honest in it once, seeds from %i',
    async (first) => {
      const failed: string[] = []
      for (let seed = first; seed < first + batch; seed++) {
        try {
          await twoHistories(seed)
        } catch (error) {
          failed.push(`SWARMPAD_SEED=${seed}: ${error instanceof Error ? error.message : error}`)
        }
      }
      expect(failed).toEqual([])
    },
    1_200_000,
  )
})
