import { describe, expect, it } from 'vitest'
import { readOptions } from '../../../bench/peers/options'
import { PointResults } from '../../../bench/peers/results'
import { delays, median, meets } from '../../../bench/peers/statistics'

describe('median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([30, 1, 20])).toBe(20)
    expect(median([4, 100, 2, 1])).toBe(3)
    expect(median([])).toBeNaN()
  })
})

describe('delays', () => {
  it('pairs each key with the first step that shows it, also when a step shows several', () => {
    const pressed = [11, 12, 13].map((length) => ({ length, at: length * 10 }))
    const seen = [
      { length: 10, at: 50 },
      { length: 12, at: 125 },
      { length: 13, at: 137 },
    ]
    expect(delays(pressed, seen)).toEqual([15, 5, 7])
  })

  it('leaves out a key that was never seen', () => {
    expect(delays([{ length: 2, at: 0 }], [{ length: 1, at: 5 }])).toEqual([])
  })
})

describe('an aim', () => {
  it('in times needs the other system', () => {
    expect(meets({ times: 4 }, 40, 10)).toBe(true)
    expect(meets({ times: 4 }, 41, 10)).toBe(false)
    expect(meets({ times: 4 }, 41, undefined)).toBe(null)
    expect(meets({ most: 25 }, 25, undefined)).toBe(true)
  })
})

describe('the results of a point', () => {
  const results = new PointResults({ case: 'paste', point: '1 MB' }, { arrived: { times: 4 } })
  for (const value of [90, 50, 10]) results.add('swarmpad', { what: 'arrived', unit: 'ms', value })
  for (const value of [9, 10, 500]) results.add('yjs', { what: 'arrived', unit: 'ms', value })

  it('are medians of the rounds, beside the median of Yjs', () => {
    const [ours, theirs] = results.measured()
    expect(ours).toMatchObject({ system: 'swarmpad', median: 50, ratio: 5, met: false, values: [90, 50, 10] })
    expect(theirs).toMatchObject({ system: 'yjs', median: 10 })
    expect(theirs).not.toHaveProperty('ratio')
    expect(theirs).not.toHaveProperty('aim')
  })

  it('are shown in a table that says which aims are missed', () => {
    const table = results.table(['swarmpad', 'loro', 'yjs'])
    expect(table).toContain('50.0 (5.00 x)')
    expect(table).not.toContain('loro')
    expect(table).toContain('aim: arrived at most 4 times that of yjs: MISSED')
  })
})

describe('the options', () => {
  const known = { cases: ['paste', 'writers'], systems: ['swarmpad', 'yjs'] }

  it('are lists that add up', () => {
    expect(
      readOptions(
        ['--quick', '--only', 'paste,writers', '--system', 'yjs', '--system', 'before', '--at', '5'],
        known,
      ),
    ).toMatchObject({ quick: true, cases: ['paste', 'writers'], systems: ['yjs', 'before'], points: [5] })
  })

  it('are refused when they are unknown or lack their value', () => {
    for (const args of [
      ['--only', 'pastes'],
      ['--only'],
      ['--at', 'x'],
      ['--rounds', '0'],
      ['--fast'],
      ['--against'],
    ])
      expect(() => readOptions(args, known)).toThrow()
  })
})
