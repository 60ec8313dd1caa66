import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromRead } from '../../../main/keys/derive'
import { keyPairFromSeed } from '../../../main/keys/signature'
import { makeCertificate } from '../../../main/log/format/certificate'
import { openSegment, type Segment } from '../../../main/log/format/segment'
import { MemoryStore } from '../../../main/storage/memory-store'
import { collect, fixture, flipped } from './fixture'
import { durable, rejection, setUp } from './open-log'

describe('appending', () => {
  it('is durable before it resolves and before anyone is told (S9)', async () => {
    const { log, session, change, store, keys } = await setUp()
    const mine = session()
    const told: Segment[] = []
    log.onStored((segments) => {
      expect(log.vector.get(hex(mine.session))?.tip).toBe(segments.at(-1)?.seqTo)
      told.push(...segments)
    })
    const changes = [change(), change()]
    const appended = log.append(mine, changes)
    expect([log.tip(hex(mine.session)), log.vector.size, told.length]).toEqual([2, 0, 0])
    await appended
    expect(told.map(({ seqTo }) => seqTo)).toEqual([2])
    const [stored, ...more] = await collect(log.all())
    expect(more).toEqual([])
    const opened = openSegment(keys.content ?? expect.fail(), stored ?? expect.fail())
    expect(opened.changes.map(hex)).toEqual(changes.map(({ bytes }) => hex(bytes)))
    expect(store.asked.length).toBe(1)
    expect(log.ownSessions()).toEqual([hex(mine.session)])
  })

  it('gathers what comes during a write into one next write, and gives it back in order', async () => {
    const { log, session, change, store } = await setUp()
    const mine = session()
    await Promise.all(Array.from({ length: 300 }, () => log.append(mine, [change()])))
    expect(store.asked.length).toBeLessThanOrEqual(2)
    expect((await collect(log.segments(hex(mine.session), 0))).map(({ seqTo }) => seqTo)).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    )
    expect((await collect(log.segments(hex(mine.session), 254))).map(({ seqTo }) => seqTo)).toEqual(
      Array.from({ length: 46 }, (_, index) => 255 + index),
    )
  })

  it('of nothing resolves when all before is durable', async () => {
    const { log, session, change } = await setUp()
    const mine = session()
    const before = log.append(mine, [change()])
    await log.append(mine, [])
    expect(log.vector.get(hex(mine.session))?.tip).toBe(1)
    await before
    await log.append(session(), [])
    expect(log.vector.size).toBe(1)
  })

  it('refuses a change that is too big, another document’s session and a closed log, and goes on', async () => {
    const { log, session, change } = await setUp()
    const mine = session()
    expect(await rejection(log.append(mine, [change(200_000)]))).toBe('EDIT_TOO_LARGE')
    expect(await rejection(log.append(fixture(12).session(), [change()]))).toBe('INTERNAL')
    await log.append(mine, [change()])
    mine.seal([change()])
    expect(await rejection(log.append(mine, [change()]))).toBe('INTERNAL')
    await log.close()
    expect(await rejection(log.append(session(), [change()]))).toBe('CLOSED')
  })
})

describe('accepting', () => {
  it('takes a session from its first segment with its certificate (C6, S7)', async () => {
    const { log, session, change } = await setUp()
    const theirs = session('Bob')
    const id = hex(theirs.session)
    const [first, second, third] = [1, 2, 3].map((size) =>
      theirs.seal(Array.from({ length: size }, () => change())),
    )
    if (!first || !second || !third) return expect.fail()
    expect(log.accept(first.bytes, null)).toBe('unknown-session')
    expect(log.accept(second.bytes, theirs.certificate)).toBe('gap')
    expect(log.certificate(id)).toBeNull()
    expect(log.accept(first.bytes, theirs.certificate)).toBe('accepted')
    expect(log.accept(third.bytes, null)).toBe('gap')
    expect(log.accept(second.bytes, null)).toBe('accepted')
    expect(log.accept(second.bytes, null)).toBe('duplicate')
    expect(log.accept(first.bytes, theirs.certificate)).toBe('duplicate')
    expect(log.accept(third.bytes, null)).toBe('accepted')
    expect(log.tip(id)).toBe(6)
    await durable(log, id)
    expect((await collect(log.all())).map(({ bytes }) => hex(bytes))).toEqual(
      [first, second, third].map(({ bytes }) => hex(bytes)),
    )
    expect(hex(log.certificate(id) ?? expect.fail())).toBe(hex(theirs.certificate))
    expect(log.ownSessions()).toEqual([])
    expect(log.forks().size).toBe(0)
  })

  it('refuses every single changed byte, and holds nothing of it (S2, S3)', async () => {
    const { log, session, change } = await setUp()
    const theirs = session()
    const { bytes } = theirs.seal([change(20)])
    for (let place = 0; place < bytes.length; place++)
      expect(['invalid', 'gap']).toContain(log.accept(flipped(bytes, place), theirs.certificate))
    for (let place = 0; place < theirs.certificate.length; place++)
      expect(log.accept(bytes, flipped(theirs.certificate, place))).toBe('invalid')
    expect(log.tip(hex(theirs.session))).toBe(0)
    expect(log.accept(bytes, theirs.certificate)).toBe('accepted')
    for (let place = 0; place < bytes.length; place++)
      expect(['invalid', 'unknown-session']).toContain(log.accept(flipped(bytes, place), null))
    expect(log.forks().size).toBe(0)
  })

  it('refuses a certificate of another session, W or document, and another certificate of the session (C4, S1)', async () => {
    const { log, session, change, keys, identity, environment } = await setUp()
    const theirs = session()
    const first = theirs.seal([change()])
    expect(log.accept(first.bytes, session().certificate)).toBe('invalid')
    expect(log.accept(theirs.seal([change()]).bytes, session().certificate)).toBe('invalid')
    const forged = makeCertificate({
      keys: { ...keys, sign: keyPairFromSeed(Buffer.alloc(32)).secretKey },
      sessionKey: theirs.session,
      identity,
      name: 'Eve',
      environment,
    })
    expect(log.accept(first.bytes, forged)).toBe('invalid')
    // Another writer certifies the session as his own: sound in itself, but the chain names its certificate.
    const stolen = makeCertificate({ keys, sessionKey: theirs.session, identity, name: 'Eve', environment })
    expect(log.accept(first.bytes, stolen)).toBe('invalid')
    expect(log.accept(first.bytes, theirs.certificate)).toBe('accepted')
  })

  it('refuses what is replayed from another document (C4, S3)', async () => {
    const { log } = await setUp()
    const other = fixture(12)
    const theirs = other.session()
    expect(log.accept(theirs.seal([other.change()]).bytes, theirs.certificate)).toBe('invalid')
    expect(log.tip(hex(theirs.session))).toBe(0)
  })

  it('waits for the manifest before it takes anything as a reader', async () => {
    const parts = fixture(13)
    const log = await parts.openLog(new MemoryStore(), keysFromRead(parts.keys.read ?? expect.fail()))
    const theirs = parts.session()
    const { bytes } = theirs.seal([parts.change()])
    expect(log.accept(bytes, theirs.certificate)).toBe('unknown-session')
    log.setVerifyKey(parts.keys.verify ?? expect.fail())
    expect(log.accept(bytes, theirs.certificate)).toBe('accepted')
  })

  it('asks to come back when too much waits for the disk', async () => {
    const { log, session, change, store } = await setUp()
    store.disk = 'hangs'
    const theirs = session()
    const verdicts = Array.from({ length: 45 }, () =>
      log.accept(theirs.seal([change(100_000)]).bytes, theirs.certificate),
    )
    const taken = verdicts.indexOf('busy')
    expect(taken).toBeGreaterThan(40)
    expect(new Set(verdicts.slice(0, taken))).toEqual(new Set(['accepted']))
    expect(new Set(verdicts.slice(taken))).toEqual(new Set(['busy']))
    expect(log.vector.size).toBe(0)
  })
})

describe('what became durable', () => {
  it('reports segments of other sessions apart from own ones, in the order of each session, from peers and backups', async () => {
    const { log, session, change } = await setUp()
    const [mine, theirs, restored] = [session(), session('Bob'), session('Carol')]
    const [stored, received]: [string[], string[]] = [[], []]
    const names = new Map(
      [mine, theirs, restored].map((one, index) => [hex(one.session), 'abc'[index] ?? '']),
    )
    const nameOf = ({ session: key, seqTo }: Segment) => `${names.get(hex(key))}${seqTo}`
    log.onStored((segments) => stored.push(...segments.map(nameOf)))
    const stop = log.onReceived((segments) => received.push(...segments.map(nameOf)))
    const appended = [log.append(mine, [change()])]
    for (let n = 0; n < 2; n++) {
      log.accept(theirs.seal([change()]).bytes, theirs.certificate)
      log.restore(restored.seal([change()]).bytes, restored.certificate, true)
      appended.push(log.append(mine, [change()]))
    }
    await Promise.all(appended)
    expect(stored).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3'])
    expect(received).toEqual(['b1', 'c1', 'b2', 'c2'])
    stop()
    log.accept(theirs.seal([change()]).bytes, null)
    await log.idle()
    expect([stored.length, received.length]).toEqual([8, 4])
  })
})

describe('opening and closing', () => {
  it('are idempotent, and two documents in one store stay apart', async () => {
    const store = new MemoryStore()
    const [a, b] = [fixture(31), fixture(32)]
    const [logA, logB] = [await a.openLog(store), await b.openLog(store)]
    await Promise.all([
      logA.append(a.session(), [a.change()]),
      logB.append(b.session(), [b.change(), b.change()]),
    ])
    await Promise.all([logA.open(), logA.close(), logA.close(), logB.close()])
    const again = await a.openLog(store)
    expect([...again.vector.values()]).toMatchObject([{ base: 0, tip: 1 }])
    expect((await collect(again.all())).length).toBe(1)
  })

  it('say when records are damaged', async () => {
    const { log, session, change, store, ...parts } = await setUp()
    await log.append(session(), [change()])
    const [{ key: segmentKey } = expect.fail()] = (store.asked[0] ?? []).filter(({ key }) => key[0] === 0x67)
    const [{ key: tipKey } = expect.fail()] = (store.asked[0] ?? []).filter(({ key }) => key[0] === 0x74)
    await store.write([{ key: segmentKey, value: Buffer.from('damaged') }])
    expect(await rejection(collect(log.all()))).toBe('STORE_DAMAGED')
    await store.write([{ key: tipKey, value: Buffer.from('damaged') }])
    const again = await parts.openLog(store)
    expect(again.health.isDamaged).toBe(true)
    expect(again.vector.size).toBe(0)
  })

  it('refuse work before the one and after the other', async () => {
    const parts = fixture(33)
    const theirs = parts.session()
    const { bytes } = theirs.seal([parts.change()])
    const log = await parts.openLog(new MemoryStore())
    await log.close()
    expect(log.accept(bytes, theirs.certificate)).toBe('busy')
  })
})
