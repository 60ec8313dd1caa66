import { expect, it } from 'vitest'
import { typesetAtHand } from '../../../../renderer/features/math/typeset'

it('refuses a formula with many cells before it is drawn', () => {
  const tooLarge = { problem: 'This formula is too large to be drawn.' }
  const of = (tex: string) => typesetAtHand({ tex, display: true })
  expect(of('&'.repeat(401))).toEqual(tooLarge)
  expect(of('a\\\\'.repeat(300) + '&'.repeat(101))).toEqual(tooLarge)
  expect(of('a&b\\\\'.repeat(200))).toBeNull()
})
