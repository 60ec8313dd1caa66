import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/hex'
import type { DocumentLog } from '../../../main/log/document-log'
import { compareHeaders } from '../../../main/log/history'
import type { Segment } from '../../../main/log/segment'
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
  await log.remember(id)
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
      parts.clock.advance(31_000)
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
})
