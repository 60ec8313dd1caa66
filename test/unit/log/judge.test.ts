import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { verifyForkProof } from '../../../main/log/format/fork'
import { compareHeaders } from '../../../main/log/format/fork-choice'
import { decodeSegment, nextMark, noMark, type Segment } from '../../../main/log/format/segment'
import { type JudgeContext, type Judgement, judge, switchInterval } from '../../../main/log/judge'
import type { Session } from '../../../main/log/session'
import { SessionHistory } from '../../../main/log/session-history'
import { SessionLog } from '../../../main/log/session-log'
import { fixture, flipped } from './fixture'

const { keys, identity, environment, random, session, change } = fixture(91)
const { documentId } = keys

/** A session with all its segments accepted. */
function heldOf(log: SessionLog, segments: readonly Segment[], more: Partial<Session> = {}): Session {
  const last = segments.at(-1) ?? expect.fail()
  return {
    id: hex(log.session),
    key: log.session,
    certificate: log.certificate,
    tip: last.seqTo,
    tipProof: last.tipProof,
    mark: segments.reduce((mark, { tipProof }) => nextMark(mark, tipProof), noMark),
    signed: last.seqTo,
    base: null,
    fork: null,
    history: null,
    switchableAt: 0,
    own: false,
    live: false,
    ...more,
  }
}

const historyOf = (segments: readonly Segment[]): SessionHistory => {
  const history = new SessionHistory()
  for (const { tipProof } of segments) history.add(tipProof)
  return history
}

const contextOf = (held: readonly Session[], more: Partial<JudgeContext> = {}): JudgeContext => ({
  documentId,
  verifyKey: keys.verify ?? null,
  hasRoom: true,
  now: 1_000_000,
  session: (id) => held.find((one) => one.id === id),
  ...more,
})

/** Judges a segment, and checks that nothing which was given was changed. */
function judged(segment: Uint8Array, certificate: Uint8Array | null, context: JudgeContext): Judgement {
  const before = [hex(segment), certificate && hex(certificate)]
  const judgement = judge({ segment, certificate }, context)
  expect([hex(segment), certificate && hex(certificate)]).toEqual(before)
  return judgement
}

const verdictOf = (...args: Parameters<typeof judged>) => judged(...args).verdict

/** Two logs of one session: with the same certificate, as of a machine that was copied, or with two, as of a cheat. */
function twins(...names: [string, string] | []): [SessionLog, SessionLog] {
  const seed = random.bytes(32)
  const nonce = random.bytes(24)
  const make = (name = 'Eve') => {
    let certificates = 1
    const twinned = (size: number) => (certificates-- > 0 ? nonce : random.bytes(size))
    return new SessionLog({
      documentId,
      keys,
      identity,
      name,
      environment: { ...environment, random: twinned },
      seed,
    })
  }
  return [make(names[0]), make(names[1])]
}

/** Two histories of one session after a shared start, the smaller by S12 first. */
function histories(shared: number): { log: SessionLog; smaller: Segment[]; larger: Segment[] } {
  const [a, b] = twins()
  const changes = Array.from({ length: shared }, () => change())
  const common = changes.map((one) => a.seal([one]))
  for (const one of changes) b.seal([one])
  const [first, second] = [a, b].map((log) => [...common, log.seal([change()]), log.seal([change()])])
  const at = (segments: Segment[] | undefined) => segments?.[shared]?.tipProof ?? expect.fail()
  const sorted = [first, second].sort((x, y) => compareHeaders(at(x), at(y)))
  return { log: a, smaller: sorted[0] ?? expect.fail(), larger: sorted[1] ?? expect.fail() }
}

describe('the judge of segments', () => {
  it('takes a session’s first segment with its certificate, and none without (C6)', () => {
    const log = session()
    const [first, second] = [log.seal([change()]), log.seal([change()])]
    const context = contextOf([])
    expect(judged(first.bytes, log.certificate, context)).toMatchObject({
      verdict: 'accepted',
      admitted: Uint8Array.from(log.certificate),
    })
    expect(verdictOf(first.bytes, null, context)).toBe('unknown-session')
    expect(verdictOf(second.bytes, log.certificate, context)).toBe('gap')
    // A reader cannot check a certificate before the manifest is here.
    const reader = contextOf([], { verifyKey: null })
    expect(verdictOf(first.bytes, log.certificate, reader)).toBe('unknown-session')
    expect(verdictOf(first.bytes, session().certificate, context)).toBe('invalid')
    expect(verdictOf(first.bytes, flipped(log.certificate, 40), context)).toBe('invalid')
  })

  it('takes what continues a held session, and says where it does not', () => {
    const log = session()
    const segments = Array.from({ length: 4 }, () => log.seal([change(), change()]))
    const [first, second, third, fourth] = segments
    if (!first || !second || !third || !fourth) return expect.fail()
    const context = contextOf([heldOf(log, [first, second])])
    expect(judged(third.bytes, null, context)).toMatchObject({ verdict: 'accepted', admitted: null })
    expect(verdictOf(fourth.bytes, null, context)).toBe('gap')
    expect(verdictOf(second.bytes, null, context)).toBe('duplicate')
    expect(verdictOf(first.bytes, null, context)).toBe('behind')
    const compared = contextOf([heldOf(log, [first, second], { history: historyOf([first, second]) })])
    expect(verdictOf(first.bytes, null, compared)).toBe('duplicate')
  })

  it('refuses every changed byte and other bytes, whatever is held (S2, S3)', () => {
    const log = session()
    const [first, second] = [log.seal([change(20)]), log.seal([change(20)])]
    const context = contextOf([heldOf(log, [first])])
    for (let place = 0; place < second.bytes.length; place++)
      expect(['invalid', 'unknown-session']).toContain(verdictOf(flipped(second.bytes, place), null, context))
    expect(verdictOf(new Uint8Array(0), null, context)).toBe('invalid')
    expect(verdictOf(second.bytes.subarray(1), null, context)).toBe('invalid')
    const elsewhere = contextOf([heldOf(log, [first])], { documentId: random.bytes(32) })
    expect(verdictOf(second.bytes, null, elsewhere)).toBe('invalid')
  })

  it('takes nothing without room, and looks at nothing then (S14)', () => {
    const full = contextOf([], { hasRoom: false, session: () => expect.fail('not asked for') })
    expect(verdictOf(session().seal([change()]).bytes, null, full)).toBe('busy')
    expect(verdictOf(new Uint8Array(0), null, full)).toBe('busy')
  })

  it('finds another process that signs in the session, and no forger (S11)', () => {
    const log = session()
    const [first, second, third] = [log.seal([change()]), log.seal([change()]), log.seal([change()])]
    const context = contextOf([heldOf(log, [first], { own: true, live: true })])
    for (const { bytes } of [second, third])
      expect(judged(bytes, null, context)).toMatchObject({ runsElsewhere: true })
    const forged = judged(flipped(second.bytes, second.tipProof.length - 5), null, context)
    expect(forged).toEqual({ verdict: 'invalid' })
    const all = contextOf([heldOf(log, [first, second, third], { own: true, live: true })])
    for (const { bytes } of [first, second, third])
      expect(judged(bytes, null, all)).not.toMatchObject({ runsElsewhere: true })
  })

  it('convicts a session whose segment contradicts the held ones (S8)', () => {
    const { log, smaller, larger } = histories(0)
    const [held = expect.fail()] = larger
    const other = decodeSegment(smaller[0]?.bytes ?? expect.fail())
    const judgement = judged(other.bytes, null, contextOf([heldOf(log, [held])]))
    expect(judgement).toMatchObject({ verdict: 'fork', runsElsewhere: false })
    const proof = (judgement.verdict === 'fork' && judgement.proof) || expect.fail()
    expect(hex(verifyForkProof(proof, documentId))).toBe(hex(log.session))
  })

  it.each([0, 2])(
    'switches to the smaller of two histories after %i in common, where it can compare (S12)',
    (shared) => {
      const { log, smaller, larger } = histories(shared)
      const offered = smaller[shared] ?? expect.fail()
      const certificate = log.certificate
      expect(verdictOf(offered.bytes, certificate, contextOf([heldOf(log, larger)]))).not.toBe('switch')
      const comparing = (more: Partial<Session> = {}) =>
        contextOf([heldOf(log, larger, { history: historyOf(larger), ...more })])
      expect(judged(offered.bytes, certificate, comparing())).toMatchObject({
        verdict: 'switch',
        certificate: Uint8Array.from(certificate),
        held: larger[shared]?.tipProof,
      })
      // It continues a segment that is not held.
      expect(verdictOf(smaller[shared + 1]?.bytes ?? expect.fail(), null, comparing())).toBe('fork')
      // The other way round it stays.
      const kept = contextOf([heldOf(log, smaller, { history: historyOf(smaller) })])
      expect(verdictOf(larger[shared]?.bytes ?? expect.fail(), certificate, kept)).toBe('fork')
      // Not again within the interval; a clock that was set back delays it no longer than that.
      const { now } = comparing()
      for (const [wait, verdict] of [
        [-1, 'switch'],
        [0, 'switch'],
        [1, 'fork'],
        [switchInterval, 'fork'],
        [switchInterval + 1, 'switch'],
      ] as const)
        expect(verdictOf(offered.bytes, certificate, comparing({ switchableAt: now + wait }))).toBe(verdict)
    },
  )

  it('switches to a history with another certificate only when that comes along', () => {
    const cheats = twins('Eve', 'Eva').map((log) => ({ log, segment: log.seal([change()]) }))
    cheats.sort((a, b) => compareHeaders(a.segment.tipProof, b.segment.tipProof))
    const [first = expect.fail(), second = expect.fail()] = cheats
    const history = historyOf([second.segment])
    const context = contextOf([heldOf(second.log, [second.segment], { history })])
    for (const certificate of [null, second.log.certificate])
      expect(verdictOf(first.segment.bytes, certificate, context)).toBe('fork')
    expect(verdictOf(first.segment.bytes, first.log.certificate, context)).toBe('switch')
    // A session that is not held begins with the certificate that its chain names.
    expect(verdictOf(first.segment.bytes, second.log.certificate, contextOf([]))).toBe('invalid')
  })
})
