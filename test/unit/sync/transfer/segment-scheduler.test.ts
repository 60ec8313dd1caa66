import { describe, expect, it } from 'vitest'
import { SegmentScheduler, type SegmentSource } from '../../../../main/sync/transfer/segment-scheduler'
import { ManualClock, quiet } from '../../../support/manual-clock'

/** Makes a source that records its requests and timeouts. */
function source(tips: Record<string, number>) {
  const asked: string[] = []
  const timedOut: string[] = []
  const self = {
    asked,
    timedOut,
    tips,
    lastProgressAt: 0,
    reach: (session: string) => tips[session] ?? 0,
    request: (sessions: readonly string[]) => asked.push(...sessions),
    onTimeout: (session: string) => {
      timedOut.push(session)
      tips[session] = 0
    },
  }
  return self satisfies SegmentSource
}

function scheduler(sources: SegmentSource[]) {
  const clock = new ManualClock()
  const tips = new Map<string, number>()
  const subject = new SegmentScheduler({
    clock,
    acceptedTip: (session) => tips.get(session) ?? 0,
    sources: () => sources,
  })
  return { clock, tips, subject }
}

describe('the segment scheduler', () => {
  it('W35 spreads what is missing over the peers that have it, and requests each session from one', async () => {
    const sessions = Array.from({ length: 100 }, (_, n) => String(n))
    const sources = [1, 2, 3, 4].map(() =>
      source(Object.fromEntries(sessions.map((session) => [session, 1]))),
    )
    const { subject } = scheduler(sources)
    for (const session of sessions) subject.noteBehind(session, false)
    await quiet()
    expect(sources.map(({ asked }) => asked.length)).toEqual([25, 25, 25, 25])
    expect(new Set(sources.flatMap(({ asked }) => asked)).size).toBe(100)
  })

  it('W35 waits a moment for what may arrive unasked', async () => {
    const one = source({ a: 1 })
    const { subject, tips, clock } = scheduler([one])
    subject.noteBehind('a', true)
    await clock.advance(100)
    expect(one.asked).toEqual([])
    tips.set('a', 1)
    await clock.advance(1_000)
    expect(one.asked).toEqual([])
  })

  it('W35 prefers peers that did not time out, and comes back to the others when there is no other', async () => {
    const [slow, good] = [source({ a: 5, b: 5 }), source({})]
    const { subject, clock } = scheduler([slow, good])
    subject.noteBehind('a', false)
    await clock.advance(15_000)
    subject.check()
    expect(slow.timedOut).toEqual(['a'])
    slow.tips.a = 5
    Object.assign(good.tips, { a: 5, b: 5 })
    subject.noteBehind('a', false)
    subject.noteBehind('b', false)
    await quiet()
    expect(good.asked).toEqual(['a', 'b'])
    subject.removeSource(good)
    good.tips.a = 0
    good.tips.b = 0
    await quiet()
    expect(slow.asked).toEqual(['a', 'a', 'b'])
  })

  it('W35 lets a peer that sends something, however slowly, go on', async () => {
    const slow = source({ a: 100 })
    const { subject, clock } = scheduler([slow])
    subject.noteBehind('a', false)
    for (let n = 0; n < 30; n++) {
      await clock.advance(10_000)
      slow.lastProgressAt = clock.now()
      subject.check()
    }
    expect(slow.asked).toEqual(['a'])
    expect(slow.timedOut).toEqual([])
  })

  it('W36 requests nothing while dropped segments wait', async () => {
    const one = source({ a: 1 })
    const { subject, clock } = scheduler([one])
    subject.noteBehind('a', false)
    await quiet()
    subject.noteDropped('a')
    await clock.advance(60_000)
    subject.check()
    expect(one.asked).toEqual(['a'])
    subject.retryDropped()
    await quiet()
    expect(one.asked).toEqual(['a', 'a'])
  })
})
