import { describe, expect, it, vi } from 'vitest'
import { hex } from '../../../main/base/hex'
import type { DocumentLog } from '../../../main/log/document-log'
import { makeForkProof } from '../../../main/log/format/fork'
import { compareHeaders } from '../../../main/log/format/fork-choice'
import type { Segment } from '../../../main/log/format/segment'
import { SessionLog } from '../../../main/log/session-log'
import { quiet } from '../../support/manual-clock'
import { collect } from './fixture'
import { durable, setUp } from './open-log'

const setUpTwins = async (seed: number) => {
  const parts = await setUp(seed)
  const { keys, identity, environment, change } = parts
  const secret = environment.random(32)
  const nonce = environment.random(24)
  const twin = (name = 'Eve') => {
    let first = true
    const random = (size: number): Buffer => {
      const bytes = first && name === 'Eve' ? nonce : environment.random(size)
      first = false
      return bytes
    }
    const { documentId } = keys
    return new SessionLog({
      documentId,
      keys,
      identity,
      name,
      environment: { ...environment, random },
      seed: secret,
    })
  }
  /** A history after some that all share: each number is a segment of so many changes. */
  const history = (
    common: readonly Segment[],
    sizes: readonly number[],
    shared: ReturnType<typeof change>[],
  ) => {
    const log = twin()
    // Sealed again, since the secret goes on from there; only what follows is another history.
    if (shared.length > 0) for (const one of shared) log.seal([one])
    return [...common, ...sizes.map((size) => log.seal(Array.from({ length: size }, () => change())))]
  }
  return { ...parts, twin, history, certificate: twin().certificate, id: hex(twin().session) }
}

type Parts = Awaited<ReturnType<typeof setUpTwins>>

/** Offers a history from the start to a log that can compare it, as a peer does that is asked for it. */
const offer = async (log: DocumentLog, segments: readonly Segment[], certificate: Uint8Array, id: string) => {
  await log.histories.remember(id)
  return segments.map(({ bytes, seqFrom }) => log.accept(bytes, seqFrom === 1 ? certificate : null))
}

const heldBy = async (log: DocumentLog, id: string): Promise<string[]> => {
  await durable(log, id)
  return (await collect(log.segments(id, 0))).map(({ bytes }) => hex(bytes))
}

const winnerOf = (histories: readonly Segment[][]): Segment[] => {
  const at = (segments: readonly Segment[], index: number) => segments[index] ?? expect.fail()
  return (
    [...histories].sort((a, b) => {
      const index = a.findIndex(
        (segment, place) => hex(segment.bytes) !== hex(b[place]?.bytes ?? new Uint8Array()),
      )
      return index < 0 ? 0 : compareHeaders(at(a, index).tipProof, at(b, index).tipProof)
    })[0] ?? expect.fail()
  )
}

/** Offers histories in an order, again and again as peers do, until nothing changes. */
const meet = async (parts: Parts, log: DocumentLog, order: readonly Segment[][]): Promise<void> => {
  for (let round = 0; round < order.length + 1; round++)
    for (const segments of order) {
      await offer(log, segments, parts.certificate, parts.id)
      parts.clock.tick(31_000)
      await quiet()
    }
}

describe('a session with several histories (S12)', () => {
  const cases = {
    'of two': [
      [1, 1, 1],
      [1, 1],
    ],
    'of three': [[1, 1], [2, 2], [3]],
    'packed in other ways': [[1, 1, 1, 1], [2, 1, 1], [4]],
  }
  for (const [name, sizes] of Object.entries(cases))
    for (const sharedCount of [0, 2])
      it(`goes on with the same one, ${name}, after ${sharedCount} in common, whatever comes first`, async () => {
        for (let seed = 40; seed < 46; seed++) {
          const parts = await setUpTwins(seed)
          const shared = Array.from({ length: sharedCount }, () => parts.change())
          const base = parts.twin()
          const common = shared.map((one) => base.seal([one]))
          const histories = sizes.map((each) => parts.history(common, each, shared))
          const expected = winnerOf(histories).map(({ bytes }) => hex(bytes))
          const marks = new Set<string>()
          for (const order of [histories, [...histories].reverse()]) {
            const { log, store, clock } = await setUp(seed)
            const cuts: unknown[] = []
            log.onCut((cut) => cuts.push(cut))
            for (const segments of order.slice(0, 1)) await offer(log, segments, parts.certificate, parts.id)
            await meet({ ...parts, clock }, log, order)
            expect(await heldBy(log, parts.id)).toEqual(expected)
            marks.add(hex(log.vector.get(parts.id)?.mark ?? expect.fail()))
            await log.close()
            // The same after a restart.
            const again = await parts.openLog(store)
            expect(await heldBy(again, parts.id)).toEqual(expected)
            expect(again.vector.get(parts.id)).toEqual(log.vector.get(parts.id))
            expect(again.forks().has(parts.id)).toBe(true)
          }
          expect(marks.size).toBe(1)
        }
      })

  /** Two histories of one segment each, the smaller first, and a log that holds the larger. */
  const held = async (seed: number, before = 0) => {
    const parts = await setUpTwins(seed)
    const shared = Array.from({ length: before }, () => parts.change())
    const base = parts.twin()
    const common = shared.map((one) => base.seal([one]))
    const histories = [0, 1].map(() => parts.history(common, [1, 1, 1], shared))
    const smaller = winnerOf(histories)
    const larger = histories.find((each) => each !== smaller) ?? expect.fail()
    await offer(parts.log, larger, parts.certificate, parts.id)
    await parts.log.histories.remember(parts.id)
    return { ...parts, smaller, larger, before }
  }
  const at = (segments: readonly Segment[], index: number) => segments[index] ?? expect.fail()

  it('is asked for from the start when a proof does not show where they part, and else from there', async () => {
    const { log, smaller, larger, before } = await held(60, 2)
    const deep = makeForkProof(at(smaller, before + 1).tipProof, at(larger, before + 2).tipProof)
    expect(log.histories.askFrom(deep)).toBe(0)
    const near = makeForkProof(at(smaller, before).tipProof, at(larger, before).tipProof)
    expect(log.histories.askFrom(near)).toBe(before)
    // A history that does not follow what is held is not taken, however small it is.
    expect(log.accept(at(smaller, before + 1).bytes, null)).toBe('fork')
    expect(log.tip(hex(at(larger, 0).session))).toBe(before + 3)
  })

  it('asks for nothing that comes after its own', async () => {
    const { log, smaller, larger, certificate, clock, id } = await held(61)
    await offer(log, smaller, certificate, id)
    expect(log.tip(id)).toBe(3)
    clock.tick(31_000)
    const proof = makeForkProof(at(smaller, 0).tipProof, at(larger, 0).tipProof)
    expect(log.histories.askFrom(proof)).toBeNull()
    expect(await offer(log, larger, certificate, id)).toEqual(['fork', 'fork', 'fork'])
    expect(log.histories.proofAgainst(at(larger, 0).tipProof)).toEqual(Buffer.from(proof))
  })

  it('is switched once in 30 seconds at most', async () => {
    const parts = await setUpTwins(62)
    const { log, clock, certificate, id } = parts
    const histories = Array.from({ length: 3 }, () => parts.history([], [1], []))
    histories.sort((a, b) => compareHeaders(at(b, 0).tipProof, at(a, 0).tipProof))
    const offered = async (index: number) => (await offer(log, histories[index] ?? [], certificate, id))[0]
    expect(await offered(0)).toBe('accepted')
    await log.histories.remember(id)
    expect(await offered(1)).toBe('accepted')
    expect(await offered(2)).toBe('fork')
    clock.tick(29_000)
    expect(await offered(2)).toBe('fork')
    clock.tick(2_000)
    expect(await offered(2)).toBe('accepted')
  })

  it('waits with a switch until what is built on it is known', async () => {
    const { log, smaller, certificate, id } = await held(63)
    const heldBack: string[] = []
    log.onHeldBack((session) => heldBack.push(session))
    const removeGuard = log.guardSwitches(() => false)
    expect((await offer(log, smaller, certificate, id))[0]).toBe('fork')
    expect([heldBack, log.tip(id)]).toEqual([[id], 3])
    removeGuard()
    expect(await offer(log, smaller, certificate, id)).toEqual(['accepted', 'accepted', 'accepted'])
  })

  it('is switched on a disk that refuses only once that works again, and all or nothing', async () => {
    const { log, store, smaller, larger, certificate, clock, id, openLog } = await held(64)
    await durable(log, id)
    const cuts: unknown[] = []
    log.onCut((cut) => cuts.push(cut))
    await log.histories.remember(id)
    store.disk = 'full'
    expect(log.accept(at(smaller, 0).bytes, certificate)).toBe('accepted')
    await quiet()
    expect(cuts).toEqual([])
    // As if it had been killed now.
    const before = await openLog(store.inner)
    expect(await heldBy(before, id)).toEqual(larger.map(({ bytes }) => hex(bytes)))
    store.disk = 'works'
    clock.tick(1_000)
    await vi.waitFor(() => expect(cuts).toEqual([{ session: id, after: 0 }]))
    expect(await heldBy(await openLog(store.inner), id)).toEqual([hex(at(smaller, 0).bytes)])
  })

  it('goes on in the same one where a cheat made two certificates for it', async () => {
    const parts = await setUpTwins(65)
    const sessions = [parts.twin('Eve'), parts.twin('Eva')]
    const histories = sessions.map((session) => ({ session, segment: session.seal([parts.change()]) }))
    histories.sort((a, b) => compareHeaders(a.segment.tipProof, b.segment.tipProof))
    const [first, second] = histories
    if (!first || !second) throw new Error('two were made')
    const { log, id } = parts
    await offer(log, [second.segment], second.session.certificate, id)
    await log.histories.remember(id)
    expect(log.accept(first.segment.bytes, null)).toBe('fork')
    expect(log.accept(first.segment.bytes, second.session.certificate)).toBe('fork')
    expect(log.accept(first.segment.bytes, first.session.certificate)).toBe('accepted')
    expect(log.accept(first.session.seal([parts.change()]).bytes, null)).toBe('accepted')
    await log.close()
    const again = await parts.openLog(parts.store)
    expect(hex(again.certificate(id) ?? expect.fail())).toBe(hex(first.session.certificate))
    expect(again.tip(id)).toBe(2)
  })
})
