import { describe, expect, it, vi } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { makeForkProof } from '../../../../main/log/format/fork'
import { decodeSegment } from '../../../../main/log/format/segment'
import { logRanges, sessionRange } from '../../../../main/log/format/store-keys'
import { collect } from '../fixture'
import { atOnce, change, documentId, mended, session, stored } from './stored-log'

describe('a session that is damaged', () => {
  const kinds = [
    ['certificate', [0, 1, 2, 33, 34, 60, 298]],
    ['tip', [0, 2, 40, 80, 106, 150]],
  ] as const

  it.each(kinds)('in its %s comes again, in whatever byte it is, and is as it was', async (kind, places) => {
    for (const place of places)
      for (const whose of ['own', 'other'] as const) {
        const { open, spoil, record, giveAgain, [whose]: damaged, own } = await stored()
        spoil(record(kind, damaged), place)
        const log = await open()
        await log.health.check(atOnce())
        giveAgain(log)
        await vi.waitFor(() => expect(log.health.isDamaged).toBe(false))
        expect(
          [...log.vector.values()].map(({ tip }) => tip),
          `${kind} ${place} ${whose}`,
        ).toEqual([6, 6])
        // The session's ownership is not lost.
        expect(log.ownSessions()).toEqual([hex(own.session)])
        await log.close()
        const again = await open()
        await again.health.check(atOnce())
        expect(again.health.isDamaged).toBe(false)
        expect((await collect(again.all())).length).toBe(6)
        expect(again.ownSessions()).toEqual([hex(own.session)])
        await again.close()
      }
  })

  it('has its proof of two histories when it is back (S8)', async () => {
    const { open, spoil, record, other, twin, segments, giveAgain } = await stored()
    const log = await open()
    const proof = makeForkProof(
      decodeSegment(segments[0] ?? expect.fail()).tipProof,
      twin.seal([change()]).tipProof,
    )
    expect(log.acceptFork(proof)).toBe('accepted')
    await log.idle()
    await log.close()
    spoil(record('certificate'), 1)
    const again = await open()
    expect(again.tip(hex(other.session))).toBe(0)
    expect(again.forks().size).toBe(0)
    giveAgain(again)
    await vi.waitFor(() => expect(again.health.isDamaged).toBe(false))
    expect(again.tip(hex(other.session))).toBe(6)
    expect(hex(again.forks().get(hex(other.session)) ?? expect.fail())).toBe(hex(proof))
    await again.close()
  })

  it('counts once what it takes of the room (S14)', async () => {
    const { open, spoil, segment, segments, giveAgain, store } = await stored()
    spoil(segment(4), 150)
    const log = await open()
    await log.health.check(atOnce())
    giveAgain(log)
    await vi.waitFor(() => expect(log.health.isDamaged).toBe(false))
    await log.close()
    const size = await store().get(Buffer.concat([Buffer.from('z'), documentId]))
    expect(Number(Buffer.from(size ?? []).readBigUInt64BE())).toBe(
      segments.reduce((sum, { length }) => sum + length, 0),
    )
  })

  it('and runs in this process is written again from memory', async () => {
    const { open, spoil, segment } = await stored()
    const log = await open()
    const live = session()
    for (let n = 0; n < 3; n++) await log.append(live, [change(), change()])
    spoil(segment(4, live), 150)
    await log.health.check(atOnce())
    expect(log.health.isDamaged).toBe(false)
    await log.append(live, [change()])
    expect(log.vector.get(hex(live.session))?.tip).toBe(7)
    await log.close()
    const again = await open()
    await again.health.check(atOnce())
    expect(again.health.isDamaged).toBe(false)
    await again.close()
  })

  it('and is no longer in memory signs nothing more (S13)', async () => {
    const { open, spoil, segment } = await stored()
    const log = await open()
    const live = session()
    await log.append(live, [change(), change()])
    // More than is remembered.
    for (let n = 0; n < 12; n++) await log.append(live, [change(100_000)])
    spoil(segment(2, live), 150)
    const retired: string[] = []
    log.onRetired(({ session: id }) => retired.push(id))
    await log.health.check(atOnce())
    expect(retired).toEqual([hex(live.session)])
    await expect(log.append(live, [change()])).rejects.toMatchObject({ code: 'CLOSED' })
    expect(log.tip(hex(live.session))).toBe(0)
    await log.close()
  })
})

it('a repair from a backup is reported as one', async () => {
  const { open, spoil, segment, segments, other } = await stored()
  spoil(segment(4), 150)
  const log = await open()
  await log.health.check(atOnce())
  const whole = mended(log)
  expect(log.restore(segments[1] ?? expect.fail(), other.certificate, false)).toBe('accepted')
  expect(await whole).toBe('backup')
  await log.close()
})

it('what is noted of damage goes with the document', async () => {
  const { open, spoil, segment, store } = await stored()
  spoil(segment(4), 150)
  const log = await open()
  await log.health.check(atOnce())
  await log.close()
  const harm = sessionRange('harm', documentId)
  expect((await collect(store().entries(harm))).length).toBe(1)
  expect(logRanges(documentId)).toContainEqual(harm)
})
