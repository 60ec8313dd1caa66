import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { noMark } from '../../../main/log/format/segment'
import { creditWindow, ReceiveCredit } from '../../../main/sync/budget/credit'
import { LocalState } from '../../../main/sync/state/local-state'
import { maxUnknown, RemoteState } from '../../../main/sync/state/remote-state'
import { Refusals } from '../../../main/sync/transfer/refusals'
import { SegmentScheduler, type Source } from '../../../main/sync/transfer/segment-scheduler'
import { ManualClock, quiet } from '../../support/manual-clock'
import { World } from './world'

/** A source that notes what it is asked for. */
function source(tips: Record<string, number>) {
  const asked: string[] = []
  const doubted: string[] = []
  const self = {
    asked,
    doubted,
    tips,
    lastProgressAt: 0,
    claim: (session: string) => tips[session] ?? 0,
    want: (sessions: readonly string[]) => asked.push(...sessions),
    doubt: (session: string) => {
      doubted.push(session)
      tips[session] = 0
    },
  }
  return self satisfies Source
}

function pursuit(sources: Source[]) {
  const clock = new ManualClock()
  const tips = new Map<string, number>()
  const subject = new SegmentScheduler({
    clock,
    acceptedTip: (session) => tips.get(session) ?? 0,
    sources: () => sources,
  })
  return { clock, tips, subject }
}

describe('a pursuit', () => {
  it('W35 spreads what is missing over those who hold it, each session asked of one', async () => {
    const sessions = Array.from({ length: 100 }, (_, n) => String(n))
    const holders = [1, 2, 3, 4].map(() =>
      source(Object.fromEntries(sessions.map((session) => [session, 1]))),
    )
    const { subject } = pursuit(holders)
    for (const session of sessions) subject.note(session, false)
    await quiet()
    expect(holders.map(({ asked }) => asked.length)).toEqual([25, 25, 25, 25])
    expect(new Set(holders.flatMap(({ asked }) => asked)).size).toBe(100)
  })

  it('W35 waits a moment for what may come by itself', async () => {
    const one = source({ a: 1 })
    const { subject, tips, clock } = pursuit([one])
    subject.note('a', true)
    await clock.advance(100)
    expect(one.asked).toEqual([])
    tips.set('a', 1)
    await clock.advance(1_000)
    expect(one.asked).toEqual([])
  })

  it('W35 prefers who did not fail before, and comes back to who did when there is no one else', async () => {
    const [slow, good] = [source({ a: 5, b: 5 }), source({})]
    const { subject, clock } = pursuit([slow, good])
    subject.note('a', false)
    await clock.advance(15_000)
    subject.check()
    expect(slow.doubted).toEqual(['a'])
    slow.tips.a = 5
    Object.assign(good.tips, { a: 5, b: 5 })
    subject.note('a', false)
    subject.note('b', false)
    await quiet()
    expect(good.asked).toEqual(['a', 'b'])
    subject.left(good)
    good.tips.a = 0
    good.tips.b = 0
    await quiet()
    expect(slow.asked).toEqual(['a', 'a', 'b'])
  })

  it('W35 leaves who gives something, however slowly, its time', async () => {
    const slow = source({ a: 100 })
    const { subject, clock } = pursuit([slow])
    subject.note('a', false)
    for (let n = 0; n < 30; n++) {
      await clock.advance(10_000)
      slow.lastProgressAt = clock.now()
      subject.check()
    }
    expect(slow.asked).toEqual(['a'])
    expect(slow.doubted).toEqual([])
  })

  it('W36 asks nobody while it is paused', async () => {
    const one = source({ a: 1 })
    const { subject, clock } = pursuit([one])
    subject.note('a', false)
    await quiet()
    subject.pause('a')
    await clock.advance(60_000)
    subject.check()
    expect(one.asked).toEqual(['a'])
    subject.resume()
    await quiet()
    expect(one.asked).toEqual(['a', 'a'])
  })
})

describe('claims', () => {
  it('W31 forget what a peer does not give, so that its next claims have room', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const claims = new RemoteState(new LocalState(ada.log))
    const ids = () => Array.from({ length: maxUnknown }, () => hex(world.random.bytes(32)))
    const first = ids()
    for (const session of first) expect(claims.take(session, { base: 0, tip: 3, mark: noMark })).toBe(true)
    expect(claims.take(hex(world.random.bytes(32)), { base: 0, tip: 3, mark: noMark })).toBe(false)
    expect(claims.takeRoom()).toBe(false)
    expect(claims.isMatched).toBe(false)
    for (const session of first) claims.doubt(session)
    expect(claims.isMatched).toBe(false)
    expect(claims.takeRoom()).toBe(true)
    expect(claims.isMatched).toBe(true)
    for (const session of ids()) expect(claims.take(session, { base: 0, tip: 3, mark: noMark })).toBe(true)
  })
})

describe('credit', () => {
  it('W30 is granted anew for what was dealt with, in steps', () => {
    const credit = new ReceiveCredit()
    expect(credit.take(100_000)).toBe(true)
    credit.release(100_000)
    expect(credit.takeGrant()).toBe(0)
    expect(credit.take(50_000)).toBe(true)
    credit.release(50_000)
    expect(credit.takeGrant()).toBe(150_000)
    expect(credit.take(2 * creditWindow)).toBe(true)
    expect(credit.take(1)).toBe(false)
  })
})

describe('refusals', () => {
  it('W41 end by themselves and are bounded', async () => {
    const clock = new ManualClock()
    const refusals = new Refusals(clock)
    const key = (n: number) => Buffer.from(String(n).padStart(32, '0'))
    for (let n = 0; n < 5_000; n++) refusals.add(key(n))
    expect(refusals.includes(key(4_999))).toBe(true)
    expect(refusals.includes(key(0))).toBe(false)
    await clock.advance(600_000)
    expect(refusals.includes(key(4_999))).toBe(false)
  })
})
