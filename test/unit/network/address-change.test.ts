import type { SecretStream } from 'hyperdht'
import { expect, it } from 'vitest'
import { AddressChange } from '../../../main/network/address-change'
import { ManualClock } from '../../support/manual-clock'

/** As much of a connection as is asked whether it works: `hears` when it does. */
class Stream {
  destroying = false
  asked = 0
  readonly rawStream = { bytesReceived: 100, rtt: 0 }
  sendKeepAlive(): void {
    this.asked++
  }
  hears(): void {
    this.rawStream.bytesReceived += 20
  }
  destroy(): void {
    this.destroying = true
  }
}

const setUp = () => {
  const clock = new ManualClock()
  const [dead, alive] = [new Stream(), new Stream()]
  const state = { addresses: ['192.168.1.2'], dropped: 0 }
  const change = new AddressChange({
    clock,
    addresses: () => state.addresses,
    connections: () => [dead, alive] as unknown as SecretStream[],
    onDropped: () => state.dropped++,
  })
  const become = (...addresses: string[]) => {
    state.addresses = addresses
    change.changed()
  }
  return { clock, dead, alive, state, change, become }
}

it('ends those connections that hear nothing after an address was lost, and tells it', () => {
  const { clock, dead, alive, state, become } = setUp()
  become('192.168.1.3')
  expect([dead.asked, alive.asked]).toEqual([1, 1])
  alive.hears()
  clock.tick(1_999)
  expect([dead.destroying, state.dropped]).toEqual([false, 0])
  clock.tick(1)
  expect([dead.destroying, alive.destroying, state.dropped]).toEqual([true, false, 1])
})

it('gives a line that takes long more time', () => {
  const { clock, dead, become } = setUp()
  dead.rawStream.rtt = 500
  become('192.168.1.3')
  clock.tick(2_999)
  expect(dead.destroying).toBe(false)
  clock.tick(1)
  expect(dead.destroying).toBe(true)
})

it('asks nobody when an address comes, or all go and the same come back', () => {
  const { clock, dead, become } = setUp()
  become('192.168.1.2', '10.0.0.2')
  become()
  become('10.0.0.2', '192.168.1.2')
  clock.tick(60_000)
  expect([dead.asked, dead.destroying]).toEqual([0, false])
})

it('asks when others come back than went', () => {
  const { dead, become } = setUp()
  become()
  become('192.168.7.2')
  expect(dead.asked).toBe(1)
})

it('ends nothing any more once it has ended', () => {
  const { clock, dead, change, become } = setUp()
  become('192.168.1.3')
  change.end()
  clock.tick(60_000)
  expect(dead.destroying).toBe(false)
})
