import type Hyperswarm from 'hyperswarm'
import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { Topics } from '../../../main/network/topics'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

/** Swarm that records the look-ups of topics, with their times in s, and counts announcements. */
function swarmThat(clock: ManualClock) {
  const looks: { topic: string; at: number }[] = []
  let announcements = 0
  const swarm = {
    join: () => undefined,
    leave: async () => undefined,
    status: (topic: Uint8Array) => ({
      refresh: async () => void looks.push({ topic: hex(topic).slice(0, 2), at: clock.now() / 1_000 }),
    }),
    server: { refresh: () => void announcements++ },
  } as unknown as Hyperswarm
  return { swarm, looks, announced: () => announcements }
}

describe('topics', () => {
  const begin = (seed: number) => {
    const clock = new ManualClock()
    const random = randomFrom(seed)
    const topics = new Topics({ clock, random: (size) => random.bytes(size) })
    return { clock, topics, ...swarmThat(clock) }
  }

  it('are looked up again soon after they were announced, and twice more', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { clock, topics, swarm, looks } = begin(seed)
      const start = clock.now() / 1_000
      topics.add(Buffer.alloc(32, 1))
      topics.begin(swarm)
      await clock.advance(600_000)
      const [first = 0, second = 0, third = 0, ...more] = looks.map(({ at }) => at - start)
      expect(more).toEqual([])
      expect(first >= 2 && first <= 5).toBe(true)
      expect(second - first >= 20 && second - first <= 60).toBe(true)
      expect(third - second >= 90 && third - second <= 240).toBe(true)
    }
  })

  it('are looked up 2 s after a new announcement, and not when they were left', async () => {
    const { clock, topics, swarm, looks, announced } = begin(1)
    topics.begin(swarm)
    for (const topic of [1, 2]) topics.add(Buffer.alloc(32, topic))
    await clock.advance(500_000)
    looks.length = 0
    topics.remove(Buffer.alloc(32, 2))
    topics.announceAgain()
    expect(announced()).toBe(1)
    const start = clock.now() / 1_000
    await clock.advance(600_000)
    expect(looks.map(({ topic }) => topic)).toEqual(['01', '01', '01'])
    expect((looks[0]?.at ?? 0) - start).toBe(2)
    topics.end()
    await clock.advance(600_000)
    expect(looks.length).toBe(3)
  })
})
