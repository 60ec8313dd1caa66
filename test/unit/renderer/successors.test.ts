import { expect, it } from 'vitest'
import type { Successor } from '../../../preload/contract/sharing'
import { canOpen, successorWords } from '../../../renderer/features/sharing/successors'

const successor = (more: Partial<Successor>): Successor => ({
  key: 'a',
  name: 'Ada',
  fingerprint: 'k7qm-2xdp',
  sharesName: false,
  own: false,
  held: false,
  offered: false,
  untold: [],
  ...more,
})

it('says what a person can do about links that were replaced', () => {
  expect(successorWords(successor({}))).toMatch(/To come along, ask them for a new link\.$/)
  expect(successorWords(successor({ offered: true }))).toMatch(/gives you the new one/)
  expect(successorWords(successor({ offered: true, held: true }))).toMatch(/You have the new one\.$/)
  expect([{}, { offered: true }, { held: true }].map((more) => canOpen(successor(more)))).toEqual([
    false,
    true,
    true,
  ])
})

it('tells who replaced them that the old ones still work, and who does not know yet', () => {
  const own = (untold: string[]) => successorWords(successor({ own: true, held: true, untold }))
  expect(own([])).toMatch(/Whoever has the old ones can still read and write here\.$/)
  expect(own(['Ben', 'Cem'])).toMatch(/ Not told yet: Ben and Cem\.$/)
})
