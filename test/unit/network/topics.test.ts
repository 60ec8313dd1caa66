import { expect, it } from 'vitest'
import { personBudget } from '../../../main/network/topic-budget'
import { Topics } from '../../../main/network/topics'
import { ManualClock } from '../../support/manual-clock'

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
