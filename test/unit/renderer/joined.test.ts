import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Person } from '../../../preload/contract/document'
import { JoinWatch } from '../../../renderer/features/people/joined'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const person = (name: string, rest: Partial<Person> = {}): Person => ({
  key: `channel of ${name}`,
  name,
  fingerprint: `print of ${name}`,
  own: false,
  role: 'write',
  color: 1,
  hasMine: true,
  ...rest,
})

function watching(): { watch: JoinWatch; told: string[] } {
  const told: string[] = []
  return { watch: new JoinWatch((message) => told.push(message)), told }
}

it('those who were there when a document was opened are no news, whoever comes later is, once', () => {
  const { watch, told } = watching()
  vi.advanceTimersByTime(3_000)
  watch.note([person('Ben')])
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([])
  watch.note([person('Ben'), person('Cleo')])
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['Cleo joined'])
  watch.note([person('Cleo', { key: 'another computer' })])
  watch.note([])
  watch.note([person('Ben'), person('Cleo')])
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['Cleo joined'])
})

it('those who come together are one sentence, without those who left and without own computers', () => {
  const { watch, told } = watching()
  vi.advanceTimersByTime(10_000)
  const names = ['Ben', 'Cleo', 'Dora', 'Eve', 'Finn']
  names.forEach((_, count) => {
    watch.note(names.slice(0, count + 1).map((name) => person(name)))
    vi.advanceTimersByTime(100)
  })
  watch.note([...names.slice(1).map((name) => person(name)), person('Ada', { own: true })])
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['Cleo, Dora and 2 more joined'])
})

it('a name that is the program’s own is in quotation marks, and nothing is told after the end', () => {
  const { watch, told } = watching()
  vi.advanceTimersByTime(10_000)
  watch.note([person('Keeper')])
  vi.advanceTimersByTime(2_000)
  expect(told).toEqual(['“Keeper” joined'])
  watch.note([person('Ben')])
  watch.stop()
  vi.advanceTimersByTime(2_000)
  expect(told).toHaveLength(1)
})
