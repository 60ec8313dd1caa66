import { beforeEach, describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../../main/base/errors'
import { Strikes } from '../../../../main/sync/budget/strikes'

describe('strikes', () => {
  let refusals = 0
  let strikes = new Strikes(() => refusals++)
  const fail = () => {
    throw new SwarmpadError('MALFORMED', { why: 'a test' })
  }

  beforeEach(() => {
    refusals = 0
    strikes = new Strikes(() => refusals++)
  })

  it('W40 reach the limit at the third tolerated fault', () => {
    strikes.lenient(fail)
    strikes.add()
    strikes.lenient(() => undefined)
    expect(refusals).toBe(0)
    strikes.lenient(fail)
    expect(refusals).toBe(1)
  })

  it('W20 reach the limit at once at a fault that is not tolerated', () => {
    strikes.strict(() => undefined)
    expect(refusals).toBe(0)
    strikes.strict(fail)
    expect(refusals).toBe(1)
  })

  it('are not given for faults of this program', () => {
    const bug = () => {
      throw new SwarmpadError('INTERNAL', { why: 'a test' })
    }
    expect(() => strikes.strict(bug)).toThrow('INTERNAL')
    expect(() => strikes.lenient(bug)).toThrow('INTERNAL')
    expect(refusals).toBe(0)
  })
})
