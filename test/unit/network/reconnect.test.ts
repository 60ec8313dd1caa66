import { describe, expect, it } from 'vitest'
import { Reconnect } from '../../../main/network/reconnect'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

/** A network of which the test says what it is like, and the times in s at which it searched or was replaced. */
function network() {
  const clock = new ManualClock()
  const random = randomFrom(1)
  const state = { nodes: 3, isAlone: true }
  const searched: number[] = []
  const replaced: number[] = []
  const begun = clock.now()
  const seconds = () => (clock.now() - begun) / 1_000
  const reconnect = new Reconnect({
    environment: { clock, random: (size) => random.bytes(size) },
    nodes: () => state.nodes,
    isAlone: () => state.isAlone,
    search: () => searched.push(seconds()),
    replaceNode: () => replaced.push(seconds()),
  })
  return { clock, state, searched, replaced, reconnect, seconds }
}

/** The times between some moments. */
const gaps = (times: readonly number[]): number[] =>
  times.slice(1).map((time, index) => time - (times[index] ?? 0))

/** Each delay is the expected one, or up to a quarter longer or shorter. */
function expectDelays(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length)
  for (const [index, delay] of expected.entries()) {
    expect(found[index]).toBeGreaterThanOrEqual(0.75 * delay)
    expect(found[index]).toBeLessThanOrEqual(1.25 * delay)
  }
}

describe('with nobody connected, the network', () => {
  it('searches after 8 s, then after delays that grow twofold to 5 minutes', async () => {
    const { clock, searched, reconnect } = network()
    reconnect.start()
    await clock.advance(1_200_000)
    expectDelays([searched[0] ?? 0, ...gaps(searched)].slice(0, 8), [8, 16, 32, 64, 128, 256, 300, 300])
  })

  it('replaces a node that knows no other, at most every 30 s', async () => {
    const { clock, state, searched, replaced, reconnect } = network()
    state.nodes = 0
    reconnect.start()
    await clock.advance(130_000)
    expect(searched).toEqual([])
    expectDelays([replaced[0] ?? 0, ...gaps(replaced)].slice(0, 5), [8, 16, 30, 30, 30])
  })

  it('does nothing while somebody is connected, and searches soon when they are lost', async () => {
    const { clock, state, searched, reconnect, seconds } = network()
    reconnect.start()
    await clock.advance(100_000)
    const before = searched.length
    state.isAlone = false
    await clock.advance(400_000)
    expect(searched.length).toBe(before)
    state.isAlone = true
    reconnect.restart()
    const lost = seconds()
    await clock.advance(11_000)
    expectDelays([(searched[before] ?? 0) - lost], [8])
  })

  it('searches no more once it is stopped', async () => {
    const { clock, searched, reconnect } = network()
    reconnect.start()
    reconnect.stop()
    await clock.advance(600_000)
    expect(searched).toEqual([])
  })
})
