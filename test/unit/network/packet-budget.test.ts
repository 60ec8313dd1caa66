import { expect, it } from 'vitest'
import { PacketBudget } from '../../../main/network/packet-budget'
import { ManualClock } from '../../support/manual-clock'

function budgetOf(perMinute: number) {
  const clock = new ManualClock()
  const state = { packets: 0, perMinute }
  const budget = new PacketBudget({ clock, count: () => state.packets, rate: () => state.perMinute })
  return { clock, state, budget }
}

it('packets keep to their rate, after a burst of two minutes (N24)', () => {
  const { clock, state, budget } = budgetOf(600)
  const spend = () => {
    for (; budget.wait === 0 && state.packets < 100_000; state.packets += 50);
  }
  spend()
  expect(state.packets).toBeGreaterThanOrEqual(1_200)
  expect(state.packets).toBeLessThanOrEqual(1_250)
  const before = state.packets
  for (let second = 0; second < 600; second++) {
    clock.jump(1_000)
    spend()
  }
  expect(state.packets - before).toBeGreaterThan(5_900)
  expect(state.packets - before).toBeLessThanOrEqual(6_050)
})

it('packets past the budget put off others by a minute at most, and the wait is as long as it says', () => {
  const { clock, state, budget } = budgetOf(600)
  state.packets += 100_000
  const { wait } = budget
  expect(wait).toBeLessThanOrEqual(61_000)
  clock.jump(wait - 100)
  expect(budget.wait).toBeGreaterThan(0)
  clock.jump(101)
  expect(budget.wait).toBe(0)
})

it('packets a minute are those of the last ten minutes, or of the time since the beginning', () => {
  const { clock, state, budget } = budgetOf(600)
  expect(budget.perMinute).toBe(0)
  for (let minute = 0; minute < 3; minute++) {
    clock.jump(60_000)
    state.packets += 90
    expect(budget.perMinute).toBeGreaterThan(80)
    expect(budget.perMinute).toBeLessThan(190)
  }
  for (let minute = 0; minute < 20; minute++) {
    clock.jump(60_000)
    state.packets += 30
    void budget.perMinute
  }
  expect(budget.perMinute).toBeGreaterThan(25)
  expect(budget.perMinute).toBeLessThan(35)
})
