import { describe, expect, it } from 'vitest'
import { checkArguments } from '../../../../main/electron/calls/arguments'
import { type Calls, callNames } from '../../../../preload/contract/bridge'
import { id, right, update } from '../../../support/call-samples'

const hostile: unknown[] = [
  undefined,
  null,
  7,
  -1,
  1.5,
  Number.NaN,
  2 ** 53,
  true,
  {},
  [],
  () => 0,
  'x'.repeat(100_000),
  Object.create(null),
]

const refuses = (name: keyof Calls, given: unknown[]) =>
  expect(() => checkArguments(name, given), JSON.stringify(given)?.slice(0, 80)).toThrow(
    expect.objectContaining({ code: 'REQUEST_INVALID' }),
  )

describe('what the window asks', () => {
  it.each(callNames)('%s takes what fits, unchanged', (name) => {
    for (const given of right[name]) expect(checkArguments(name, given)).toEqual(given)
  })

  it.each(callNames)('%s takes no argument more and none less', (name) => {
    for (const given of right[name]) {
      refuses(name, [...given, 'more'])
      if (given.length > 0) refuses(name, given.slice(1))
    }
  })

  it.each(callNames)('%s takes nothing else in the place of an argument', (name) => {
    for (const given of right[name])
      for (const index of given.keys())
        for (const wrong of hostile) {
          const changed: unknown[] = [...given]
          changed[index] = wrong
          const isRight = right[name].some((one) => JSON.stringify(one) === JSON.stringify(changed))
          const fitting = isRight || accepts(name, index, wrong)
          if (!fitting) refuses(name, changed)
        }
  })

  it('names documents by 64 letters, and nothing that could be a path', () => {
    for (const wrong of ['', 'A1'.repeat(32), `${id}0`, id.slice(1), `../${id}`.slice(0, 64), `${id}\n`])
      refuses('openDocument', [wrong])
  })

  it.each([
    ['no list', {}],
    ['an update that is a number', [7]],
    ['a client without a name', [{ ...update, clientID: '' }]],
    ['a client that passes for a peer', [{ ...update, clientID: 'peer' }]],
    ['a client that passes for the program', [{ ...update, clientID: 'program' }]],
    ['changes that are text', [{ ...update, changes: 'text' }]],
    ['a negative length', [{ ...update, changes: [-1] }]],
    ['half a length', [{ ...update, changes: [0.5] }]],
    ['a deletion without a length', [{ ...update, changes: [[]] }]],
    ['an insertion that is no text', [{ ...update, changes: [[0, 7]] }]],
    ['lists in lists', [{ ...update, changes: [[0, ['x']]] }]],
    ['updates that were left out', Array(2)],
    ['parts that were left out', [{ ...update, changes: Array(2) }]],
    ['too many updates', Array(10_001).fill(update)],
    ['too much text at once', [{ ...update, changes: [[0, 'x'.repeat(16 * 1024 * 1024)]] }]],
    ['too much text in parts', Array(40).fill({ clientID: 'x', changes: [[0, 'x'.repeat(500_000)]] })],
    ['too many parts', [{ ...update, changes: Array(1_000_001).fill(0) }]],
  ])('edits: refuses %s', (_, updates) => {
    refuses('pushEdits', [id, 0, updates])
  })

  it('people to be given a new link: no more than 255, by keys alone', () => {
    for (const wrong of [[7], ['Ada'], [`${id}0`], [null], Array(256).fill(id)])
      refuses('replaceLinks', [id, wrong, true])
    expect(checkArguments('replaceLinks', [id, Array(255).fill(id), true])[1]).toHaveLength(255)
  })

  it('edits: takes over nothing that it does not know', () => {
    const given = [id, 0, [{ ...update, extra: 'x', effects: [{}] }]]
    expect(checkArguments('pushEdits', given)[2]).toEqual([update])
  })
})

/** True for a hostile value that happens to be valid. */
function accepts(name: keyof Calls, index: number, value: unknown): boolean {
  if (name === 'acceptLink' || name === 'declineLink') return value === 7
  if (name === 'openOneOf') return index === 1 && value === 7
  if (name === 'setOffline') return value === true
  if (name === 'openFiles' || name === 'readFiles') return Array.isArray(value)
  if (name === 'setPassphrase') return value === null
  if (name === 'setSelection' && index === 1) return value === null
  if (name === 'pushEdits' && index === 1) return value === 7
  if (name === 'arrange' && index === 1) return typeof value === 'object' && JSON.stringify(value) === '{}'
  if (name === 'replaceLinks' && index === 1) return Array.isArray(value)
  if (name === 'replaceLinks' && index === 2) return value === true
  return name === 'pushEdits' && index === 2 && Array.isArray(value)
}
