import { expect, it } from 'vitest'
import { personBudget } from '../../../main/network/topic-budget'
import type { TopicTask } from '../../../main/network/topic-schedule'
import { Topics } from '../../../main/network/topics'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const minute = 60_000

it('all kept topics are announced in time, also while something else takes all packets (N24)', async () => {
  const clock = new ManualClock()
  const random = randomFrom(1)
  const topics = new Topics({ clock, random: (size) => random.bytes(size) }, personBudget)
  const turns = new Map<string, number>()
  const seek = async ({ topic, kind }: TopicTask) => {
    if (kind === 'turn') turns.set(topic, clock.uptime())
    return { counted: 0, announced: kind === 'turn', packets: 90 }
  }
  const seeker = { seek, withdraw: async () => undefined, refresh: () => undefined }
  const begun = clock.uptime()
  // Twenty times the budget, for dialling peers that do not exist.
  const dht = {
    get packets() {
      return ((clock.uptime() - begun) / minute) * 20_000
    },
  }
  topics.begin({ seeker, dht })
  for (let index = 0; index < 60; index++)
    topics.prefer(random.bytes(32), { open: false, unheld: false, changedAt: index })
  await clock.advance(20 * minute)
  expect(turns.size).toBeGreaterThanOrEqual(50)
  await clock.advance(20 * minute)
  const kept = [...turns.values()].filter((at) => clock.uptime() - at < 20 * minute)
  expect(kept.length).toBeGreaterThanOrEqual(50)
  topics.end()
})

it('a peer shares a topic until the last of its connections ends', () => {
  const topics = new Topics({ clock: new ManualClock(), random: (size) => Buffer.alloc(size) }, personBudget)
  const [topic, key] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const isMet = () => Reflect.get(topics, 'met').size === 1
  const ends = [topics.meet(topic, key), topics.meet(topic, key)]
  ends[0]?.()
  ends[0]?.()
  expect(isMet()).toBe(true)
  ends[1]?.()
  expect(isMet()).toBe(false)
})
