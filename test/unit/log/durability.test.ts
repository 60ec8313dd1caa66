import { describe, expect, it, vi } from 'vitest'
import { hex } from '../../../main/base/hex'
import { logRanges } from '../../../main/log/format/store-keys'
import { collect } from './fixture'
import { durable, rejection, setUp } from './open-log'

describe('the disk', () => {
  it('that refuses gets the same bytes again, slower each time, and nothing is lost (S10)', async () => {
    const { log, session, change, store, clock } = await setUp()
    const mine = session()
    const problems: (string | null)[] = []
    log.onProblem((problem) => problems.push(problem?.code ?? null))
    store.disk = 'full'
    let saved = 0
    const appended = [log.append(mine, [change()]), log.append(mine, [change()])].map((append) =>
      append.then(() => saved++),
    )
    const delays: number[] = []
    for (let attempt = 1; attempt <= 9; attempt++) {
      await vi.waitFor(() => expect(clock.nextIn).not.toBeNull())
      expect(store.asked.length).toBe(attempt)
      delays.push(clock.nextIn ?? 0)
      clock.tick(clock.nextIn ?? 0)
    }
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
    expect([problems, saved, log.vector.size]).toEqual([['STORE_WRITE_FAILED'], 0, 0])
    expect(log.accept(session().seal([change()]).bytes, null)).toBe('busy')
    await vi.waitFor(() => expect(clock.nextIn).not.toBeNull())
    const late = log.append(mine, [change()])
    store.disk = 'works'
    clock.tick(10_000)
    await Promise.all([...appended, late])
    const texts = store.asked.map((writes) =>
      writes.map(({ key, value }) => `${hex(key)}=${value && hex(value)}`).join(),
    )
    expect(new Set(texts.slice(0, -1)).size).toBe(1)
    expect(texts[0]).toContain(hex(mine.certificate))
    expect(problems).toEqual(['STORE_WRITE_FAILED', null])
    expect((await collect(log.all())).map(({ seqTo }) => seqTo)).toEqual([1, 2, 3])
    expect(log.accept(session().seal([change()]).bytes, null)).toBe('unknown-session')
  })

  it('that still refuses at closing: tried once more, then said', async () => {
    const { log, session, change, store, clock } = await setUp()
    store.disk = 'full'
    const lost = rejection(log.append(session(), [change()]))
    await vi.waitFor(() => expect(clock.nextIn).not.toBeNull())
    await log.close()
    expect(await lost).toBe('STORE_WRITE_FAILED')
    expect([store.asked.length, clock.nextIn]).toEqual([2, null])
  })

  it('that works again at closing gets everything', async () => {
    const { log, session, change, store, clock, ...parts } = await setUp()
    store.disk = 'full'
    const mine = session()
    const appended = log.append(mine, [change()])
    await vi.waitFor(() => expect(clock.nextIn).not.toBeNull())
    store.disk = 'works'
    await log.close()
    await appended
    expect((await parts.openLog(store)).vector.get(hex(mine.session))?.tip).toBe(1)
  })

  it('loses, when power fails, only what was not promised; the log goes on with a new session (C1, S9)', async () => {
    const { log, session, change, store, ...parts } = await setUp()
    const [mine, theirs, late] = [session(), session('Bob'), session('Carol')]
    await log.append(mine, [change()])
    const [first, second] = [theirs.seal([change()]), theirs.seal([change()])]
    log.accept(first.bytes, theirs.certificate)
    await durable(log, hex(theirs.session))
    store.disk = 'hangs'
    void log.append(mine, [change()])
    expect(log.accept(second.bytes, null)).toBe('accepted')
    expect(log.accept(late.seal([change()]).bytes, late.certificate)).toBe('accepted')
    expect(log.tip(hex(mine.session))).toBe(2)

    const again = await parts.openLog(store.inner)
    expect([...again.vector].map(([id, { base, tip }]) => [id, base, tip]).sort()).toEqual(
      [mine, theirs].map(({ session: key }) => [hex(key), 0, 1]).sort(),
    )
    expect((await collect(again.all())).length).toBe(2)
    expect(again.certificate(hex(late.session))).toBeNull()
    expect(again.ownSessions()).toEqual([hex(mine.session)])
    expect(again.accept(second.bytes, null)).toBe('accepted')
    const next = session()
    await again.append(next, [change()])
    expect(again.ownSessions().sort()).toEqual([hex(mine.session), hex(next.session)].sort())
  })

  it('holds nothing of a document any more when its ranges are deleted', async () => {
    const { log, session, change, store, keys } = await setUp()
    const mine = session()
    await log.append(mine, [change()])
    await log.close()
    for (const range of logRanges(keys.documentId))
      for (const [key] of await collect(store.entries(range))) await store.write([{ key, value: null }])
    const everything = { gte: Buffer.alloc(0), lt: Buffer.alloc(100, 255) }
    expect(await collect(store.entries(everything))).toEqual([])
  })
})
