import { describe, expect, it } from 'vitest'
import { GivenRun } from '../../support/given-run'

/** SWARMPAD_SEED plays one run again. */
const only = process.env.SWARMPAD_SEED
const batches = process.env.SWARMPAD_SOAK === '1' ? 120 : 1
const runsPerBatch = 20

describe('given text (D6a)', () => {
  const seeds = Array.from({ length: batches }, (_, batch) => batch * runsPerBatch)
  it.each(only === undefined ? seeds : [Number(only)])(
    'holds what was inserted and not deleted, for everyone alike, seeds from %i',
    (first) => {
      const reached = { edits: 0, undone: 0, pieces: 0, rereads: 0 }
      for (let seed = first; seed < first + (only === undefined ? runsPerBatch : 1); seed++)
        try {
          new GivenRun(seed, reached).play()
        } catch (error) {
          throw new Error(`SWARMPAD_SEED=${seed}`, { cause: error })
        }
      if (only !== undefined) return
      expect(Math.min(reached.undone, reached.pieces)).toBeGreaterThan(50)
      expect(reached.rereads).toBe(0)
    },
  )
})
