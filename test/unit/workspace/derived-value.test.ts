import { expect, it } from 'vitest'
import { DerivedValue } from '../../../main/workspace/derived-value'

it('a derived value reports what differs from the last report, and nothing twice', () => {
  let state: number[] = []
  const reports: number[][] = []
  const options = { compute: () => [...state], onChange: (value: number[]) => reports.push(value) }
  const value = new DerivedValue({ ...options, initial: [] })
  value.update()
  expect(reports).toEqual([])
  state = [1]
  value.update()
  value.update()
  state = []
  value.update()
  expect(reports).toEqual([[1], []])
  new DerivedValue(options).update()
  expect(reports).toEqual([[1], [], []])
})
