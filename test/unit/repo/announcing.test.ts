import { expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import type { TopicInterest } from '../../../main/network/topic-schedule'
import { Announcing } from '../../../main/repo/announcing'
import { ManualClock } from '../../support/manual-clock'
import { ManualNetwork } from '../sync/world'

/** A network that notes the interest in each topic. */
class NotingNetwork extends ManualNetwork {
  readonly interests: TopicInterest[] = []

  override join(topic: Uint8Array, interest?: TopicInterest): void {
    super.join(topic)
    if (interest) this.interests.push(interest)
  }
}

function announcing({ isShared }: { isShared: boolean }) {
  const clock = new ManualClock()
  const network = new NotingNetwork(Buffer.alloc(32, 1))
  const topic = Buffer.alloc(32, 2)
  const state = { isUnheld: false }
  const options = { network, clock, topic, isShared, changedAt: 5 }
  const announced = new Announcing(options, () => state.isUnheld)
  return { clock, network, announced, state, isJoined: () => network.topics.has(hex(topic)) }
}

it('a document that was never shared is not announced, whatever happens to it, until it is shared (N26)', () => {
  const { clock, network, announced, isJoined } = announcing({ isShared: false })
  announced.setOpen(true)
  announced.changed()
  clock.tick(5_000)
  expect(isJoined()).toBe(false)
  announced.share()
  expect(isJoined()).toBe(true)
  expect(network.interests).toEqual([{ open: true, unheld: false, changedAt: clock.now() - 5_000 }])
  announced.end()
  expect(isJoined()).toBe(false)
  announced.share()
  announced.changed()
  clock.tick(5_000)
  expect(isJoined()).toBe(false)
})

it('the network hears at once that a document is open, and soon what changed and who holds it (N20)', () => {
  const { clock, network, announced, state } = announcing({ isShared: true })
  expect(network.interests).toEqual([{ open: false, unheld: false, changedAt: 5 }])
  announced.setOpen(true)
  announced.setOpen(true)
  expect(network.interests.slice(1)).toEqual([{ open: true, unheld: false, changedAt: 5 }])
  state.isUnheld = true
  for (let key = 0; key < 20; key++) announced.changed()
  const changedAt = clock.now()
  expect(network.interests.length).toBe(2)
  clock.tick(1_000)
  expect(network.interests.slice(2)).toEqual([{ open: true, unheld: true, changedAt }])
  state.isUnheld = false
  announced.heard()
  announced.setOpen(false)
  clock.tick(1_000)
  expect(network.interests.at(-1)).toEqual({ open: false, unheld: false, changedAt })
})

it('a log that is opened again is heard before anything is said of it', () => {
  const { clock, network, announced } = announcing({ isShared: true })
  announced.rest()
  const heard = { isUnheld: true }
  announced.wake(() => heard.isUnheld)
  // As long as it is not read who holds the edits.
  heard.isUnheld = false
  clock.tick(1_000)
  expect(network.interests).toEqual([{ open: false, unheld: false, changedAt: 5 }])
  announced.rest()
  announced.wake(() => true)
  clock.tick(1_000)
  expect(network.interests.at(-1)).toEqual({ open: false, unheld: true, changedAt: 5 })
})
