import { describe, expect, it } from 'vitest'
import { grounds } from '../support/ground'
import { randomRun } from './random-runs'

/** SWARMPAD_SEED plays one run again; SWARMPAD_RUNS sets how many there are. */
const only = process.env.SWARMPAD_SEED
const runs = Number(process.env.SWARMPAD_RUNS ?? (process.env.SWARMPAD_SOAK === '1' ? 5_000 : 200))
const batch = 25

describe.each(grounds)('random runs on a %s text', (ground) => {
  if (only !== undefined) {
    it(`converges, seed ${only}`, () => randomRun(Number(only), 60, ground), 120_000)
    return
  }
  // A twentieth of the runs on long texts, which take longer.
  const count = ground === 'short' ? runs : Math.ceil(runs / 20)
  const batches = Array.from({ length: Math.ceil(count / batch) }, (_, index) => index * batch)
  it.each(batches)(
    'converge and keep what was saved, seeds from %i',
    async (first) => {
      const failed: string[] = []
      for (let seed = first; seed < Math.min(first + batch, count); seed++) {
        try {
          await randomRun(seed, 60, ground)
        } catch (error) {
          failed.push(`SWARMPAD_SEED=${seed}: ${error instanceof Error ? error.message : error}`)
        }
      }
      expect(failed).toEqual([])
    },
    1_200_000,
  )
})
