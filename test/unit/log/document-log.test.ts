import { describe, expect, it, vi } from 'vitest'
import { SwarmpadError } from '../../../main/errors'
import { makeCertificate } from '../../../main/log/certificate'
import { forkProofSize, verifyForkProof } from '../../../main/log/fork'
import { openSegment, type Segment } from '../../../main/log/segment'
import { SessionLog } from '../../../main/log/session-log'
import { logRanges } from '../../../main/log/store-keys'
import { keyPairFromSeed } from '../../../main/keys/signature'
import { keysFromRead } from '../../../main/keys/derive'
import { hex } from '../../../main/hex'
import { MemoryStore } from '../../../main/storage/memory-store'
import { collect, fixture, flipped } from './fixture'
import { UnreliableStore } from './unreliable-store'

const setUp = async (seed = 11) => {
  const parts = fixture(seed)
  const store = new UnreliableStore(new MemoryStore())
  return { ...parts, store, log: await parts.openLog(store) }
}

/** Waits, within a bound, until all that was accepted of a session is durable. */
const durable = (log: { vector: ReadonlyMap<string, { tip: number }>; tip(session: string): number }, id: string) =>
  vi.waitFor(() => expect(log.vector.get(id)?.tip).toBe(log.tip(id)))

const rejection = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  return error instanceof SwarmpadError ? error.code : String(error)
}

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

  it('gathers what comes during a write into one next write', async () => {
    const { log, session, change, store } = await setUp()
    const mine = session()
    await Promise.all(Array.from({ length: 20 }, () => log.append(mine, [change()])))
    expect(store.asked.length).toBeLessThanOrEqual(2)
    expect((await collect(log.segments(hex(mine.session), 0))).map(({ seqTo }) => seqTo)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    expect((await collect(log.segments(hex(mine.session), 17))).map(({ seqTo }) => seqTo)).toEqual([18, 19, 20])
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
    expect(await rejection(log.append(mine, [change(200_000)]))).toBe('INVALID')
    expect(await rejection(log.append(fixture(12).session(), [change()]))).toBe('INVALID')
    await log.append(mine, [change()])
    mine.seal([change()])
    expect(await rejection(log.append(mine, [change()]))).toBe('INVALID')
    await log.close()
    expect(await rejection(log.append(session(), [change()]))).toBe('CLOSED')
  })
})

describe('accepting', () => {
  it('takes a session from its first segment with its certificate (C6, S7)', async () => {
    const { log, session, change } = await setUp()
    const theirs = session('Bob')
    const id = hex(theirs.session)
    const [first, second, third] = [1, 2, 3].map((size) => theirs.seal(Array.from({ length: size }, () => change())))
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
    expect((await collect(log.all())).map(({ bytes }) => hex(bytes))).toEqual([first, second, third].map(({ bytes }) => hex(bytes)))
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
    const verdicts = Array.from({ length: 45 }, () => log.accept(theirs.seal([change(100_000)]).bytes, theirs.certificate))
    const taken = verdicts.indexOf('busy')
    expect(taken).toBeGreaterThan(40)
    expect(new Set(verdicts.slice(0, taken))).toEqual(new Set(['accepted']))
    expect(new Set(verdicts.slice(taken))).toEqual(new Set(['busy']))
    expect(log.vector.size).toBe(0)
  })
})

describe('forks (S8)', () => {
  const fork = async (seed = 21) => {
    const parts = await setUp(seed)
    const { keys, identity, environment, change } = parts
    // The same session key at work twice, as in a cloned machine; one certificate, since chain_0 names it.
    const secret = environment.random(32)
    const nonce = environment.random(24)
    const twin = () => {
      let certifying = true
      const random = (size: number): Buffer => {
        if (!certifying) return environment.random(size)
        certifying = false
        return nonce
      }
      const twinned = { clock: environment.clock, random }
      const { documentId } = keys
      return new SessionLog({ documentId, keys, identity, name: 'Eve', environment: twinned, seed: secret })
    }
    const [a, b] = [twin(), twin()]
    expect(hex(a.certificate)).toBe(hex(b.certificate))
    const shared = [change()]
    return { ...parts, a, b, id: hex(a.session), shared }
  }

  const isFrozen = (
    log: Awaited<ReturnType<typeof setUp>>['log'],
    parts: { id: string; keys: { documentId: Uint8Array } },
  ) => {
    const proof = log.forks().get(parts.id) ?? expect.fail()
    expect(proof.length).toBe(forkProofSize)
    expect(hex(verifyForkProof(proof, parts.keys.documentId))).toBe(parts.id)
    return proof
  }

  it('at the tip are found at once, kept over a restart, and freeze the session', async () => {
    const parts = await fork()
    const { log, a, b, change, store } = parts
    const proofs: Uint8Array[] = []
    log.onFork((proof) => proofs.push(proof))
    expect(log.accept(a.seal([change()]).bytes, a.certificate)).toBe('accepted')
    expect(log.accept(b.seal([change()]).bytes, b.certificate)).toBe('fork')
    expect(proofs.map(hex)).toEqual([hex(isFrozen(log, parts))])
    expect(log.accept(a.seal([change()]).bytes, null)).toBe('fork')
    await log.close()
    const again = await parts.openLog(store)
    isFrozen(again, parts)
    expect(again.accept(a.seal([change()]).bytes, null)).toBe('fork')
    expect(again.vector.get(parts.id)?.tip).toBe(1)
  })

  it('that overlap or continue another branch are found', async () => {
    for (const how of ['longer', 'next'] as const) {
      const parts = await fork(how === 'longer' ? 22 : 23)
      const { log, a, b, change } = parts
      expect(log.accept(a.seal([change(), change()]).bytes, a.certificate)).toBe('accepted')
      if (how === 'next') b.seal([change(), change()])
      expect(log.accept(b.seal([change(), change(), change()]).bytes, null)).toBe('fork')
      isFrozen(log, parts)
    }
  })

  it.each(['durable', 'queued'])('far behind the tip are found by looking at what is %s', async (where) => {
    const parts = await fork(24)
    const { log, a, b, change, store } = parts
    if (where === 'queued') store.disk = 'hangs'
    for (let n = 0; n < 5; n++) expect(log.accept(a.seal([change(), change()]).bytes, a.certificate)).toBe('accepted')
    if (where === 'durable') await durable(log, parts.id)
    const other = b.seal([change()])
    expect(log.accept(other.bytes, null)).toBe('duplicate')
    await vi.waitFor(() => isFrozen(log, parts))
  })

  it('are not seen in honest repeats', async () => {
    const { log, session, change } = await setUp()
    const theirs = session()
    const segments = Array.from({ length: 6 }, () => theirs.seal([change()]))
    for (const { bytes } of segments) log.accept(bytes, theirs.certificate)
    await durable(log, hex(theirs.session))
    for (const { bytes } of [...segments, ...segments]) expect(log.accept(bytes, null)).toBe('duplicate')
    await log.close()
    expect(log.forks().size).toBe(0)
  })

  it('can be told by a proof, which convicts only who signed both', async () => {
    const parts = await fork(25)
    const { log, a, b, change, session } = parts
    log.accept(a.seal([change()]).bytes, a.certificate)
    log.accept(b.seal([change()]).bytes, null)
    const proof = isFrozen(log, parts)
    const elsewhere = await parts.openLog(new MemoryStore())
    expect(elsewhere.acceptFork(proof)).toBe('unknown-session')
    elsewhere.accept(a.seal([change()]).bytes, a.certificate)
    const known = await fork(25)
    expect(known.log.accept(known.a.seal([known.change()]).bytes, known.a.certificate)).toBe('accepted')
    expect(known.log.acceptFork(proof)).toBe('accepted')
    expect(known.log.acceptFork(proof)).toBe('duplicate')
    isFrozen(known.log, parts)
    const honest = session()
    const [first, second] = [honest.seal([change()]), honest.seal([change()])]
    const other = session().seal([change()])
    for (const [x, y] of [
      [first, first],
      [first, second],
      [first, other],
    ] as const)
      expect(log.acceptFork(Buffer.concat([x.tipProof, y.tipProof]))).toBe('invalid')
    for (let place = 0; place < proof.length; place++)
      expect(known.log.acceptFork(flipped(proof, place))).toBe('invalid')
    expect(log.acceptFork(proof.subarray(1))).toBe('invalid')
  })

  it('of a session that is alive here: the other branch stays out, and own text is still kept', async () => {
    const parts = await fork(26)
    const { log, a, b, change, id } = parts
    await log.append(a, [change()])
    b.seal([change()])
    const ahead = b.seal([change()])
    const clone = await fork(26)
    expect(log.accept(ahead.bytes, null)).toBe('fork')
    expect(log.tip(id)).toBe(1)
    await log.append(a, [change()])
    expect(log.vector.get(id)?.tip).toBe(2)
    expect(clone.id).toBe(id)
  })
})

describe('the disk', () => {
  it('that refuses gets the same bytes again, slower each time, and nothing is lost (S10)', async () => {
    const { log, session, change, store, clock } = await setUp()
    const mine = session()
    const problems: (string | null)[] = []
    log.onProblem((problem) => problems.push(problem && problem.code))
    store.disk = 'full'
    let saved = 0
    const appended = [log.append(mine, [change()]), log.append(mine, [change()])].map((append) => append.then(() => saved++))
    const delays: number[] = []
    for (let attempt = 1; attempt <= 9; attempt++) {
      await vi.waitFor(() => expect(clock.nextIn).not.toBeNull())
      expect(store.asked.length).toBe(attempt)
      delays.push(clock.nextIn ?? 0)
      clock.advance(clock.nextIn ?? 0)
    }
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
    expect([problems, saved, log.vector.size]).toEqual([['STORE_WRITE_FAILED'], 0, 0])
    expect(log.accept(session().seal([change()]).bytes, null)).toBe('busy')
    await vi.waitFor(() => expect(clock.nextIn).not.toBeNull())
    const late = log.append(mine, [change()])
    store.disk = 'works'
    clock.advance(10_000)
    await Promise.all([...appended, late])
    const texts = store.asked.map((writes) => writes.map(({ key, value }) => `${hex(key)}=${value && hex(value)}`).join())
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
    expect([...again.vector].sort()).toEqual(
      [mine, theirs].map(({ session: key }) => [hex(key), { base: 0, tip: 1 }] as const).sort(),
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

describe('opening and closing', () => {
  it('are idempotent, and two documents in one store stay apart', async () => {
    const store = new MemoryStore()
    const [a, b] = [fixture(31), fixture(32)]
    const [logA, logB] = [await a.openLog(store), await b.openLog(store)]
    await Promise.all([logA.append(a.session(), [a.change()]), logB.append(b.session(), [b.change(), b.change()])])
    await Promise.all([logA.open(), logA.close(), logA.close(), logB.close()])
    const again = await a.openLog(store)
    expect([...again.vector.values()]).toEqual([{ base: 0, tip: 1 }])
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
    expect(await rejection(parts.openLog(store))).toBe('STORE_DAMAGED')
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
