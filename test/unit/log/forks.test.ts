import { describe, expect, it, vi } from 'vitest'
import { hex } from '../../../main/base/hex'
import { forkProofSize, verifyForkProof } from '../../../main/log/format/fork'
import { SessionLog } from '../../../main/log/session-log'
import { MemoryStore } from '../../../main/storage/memory-store'
import { flipped } from './fixture'
import { durable, rejection, setUp } from './open-log'

describe('forks (S8)', () => {
  const fork = async (seed = 21) => {
    const parts = await setUp(seed)
    const { keys, identity, environment } = parts
    // The same session key at work twice, as in a cloned machine: one certificate, since chain_0 names it,
    // and a first segment that comes out the same if it holds the same.
    const secret = environment.random(32)
    const nonce = environment.random(24)
    const twin = () => {
      let shared = 2
      const random = (size: number): Buffer => (shared-- > 0 ? nonce : environment.random(size))
      const twinned = { clock: environment.clock, random }
      const { documentId } = keys
      return new SessionLog({ documentId, keys, identity, name: 'Eve', environment: twinned, seed: secret })
    }
    const [a, b] = [twin(), twin()]
    expect(hex(a.certificate)).toBe(hex(b.certificate))
    return { ...parts, a, b, id: hex(a.session) }
  }

  const hasProof = (
    log: Awaited<ReturnType<typeof setUp>>['log'],
    parts: { id: string; keys: { documentId: Uint8Array } },
  ) => {
    const proof = log.forks().get(parts.id) ?? expect.fail()
    expect(proof.length).toBe(forkProofSize)
    expect(hex(verifyForkProof(proof, parts.keys.documentId))).toBe(parts.id)
    return proof
  }

  it('at the tip are found at once, kept over a restart, and what is held goes on', async () => {
    const parts = await fork()
    const { log, a, b, change, store } = parts
    const proofs: Uint8Array[] = []
    log.onFork((proof) => proofs.push(proof))
    expect(log.accept(a.seal([change()]).bytes, a.certificate)).toBe('accepted')
    expect(log.accept(b.seal([change()]).bytes, b.certificate)).toBe('fork')
    expect(proofs.map(hex)).toEqual([hex(hasProof(log, parts))])
    expect(log.accept(a.seal([change()]).bytes, null)).toBe('accepted')
    await log.close()
    const again = await parts.openLog(store)
    hasProof(again, parts)
    expect(again.accept(b.seal([change(), change()]).bytes, null)).toBe('fork')
    expect(again.accept(a.seal([change()]).bytes, null)).toBe('accepted')
    expect([again.tip(parts.id), again.vector.get(parts.id)?.tip]).toEqual([3, 2])
  })

  it('that overlap or continue another branch are found', async () => {
    for (const how of ['longer', 'next'] as const) {
      const parts = await fork(how === 'longer' ? 22 : 23)
      const { log, a, b, change } = parts
      expect(log.accept(a.seal([change(), change()]).bytes, a.certificate)).toBe('accepted')
      if (how === 'next') b.seal([change(), change()])
      expect(log.accept(b.seal([change(), change(), change()]).bytes, null)).toBe('fork')
      hasProof(log, parts)
    }
  })

  it.each(['durable', 'queued'])('far behind the tip are found by looking at what is %s', async (where) => {
    const parts = await fork(24)
    const { log, a, b, change, store } = parts
    if (where === 'queued') store.disk = 'hangs'
    for (let n = 0; n < 5; n++)
      expect(log.accept(a.seal([change(), change()]).bytes, a.certificate)).toBe('accepted')
    if (where === 'durable') await durable(log, parts.id)
    const other = b.seal([change()])
    expect(log.accept(other.bytes, null)).toBe('duplicate')
    await vi.waitFor(() => hasProof(log, parts))
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
    const proof = hasProof(log, parts)
    const elsewhere = await parts.openLog(new MemoryStore())
    expect(elsewhere.acceptFork(proof)).toBe('unknown-session')
    elsewhere.accept(a.seal([change()]).bytes, a.certificate)
    const known = await fork(25)
    expect(known.log.accept(known.a.seal([known.change()]).bytes, known.a.certificate)).toBe('accepted')
    expect(known.log.acceptFork(proof)).toBe('accepted')
    expect(known.log.acceptFork(proof)).toBe('duplicate')
    hasProof(known.log, parts)
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

  it('do not come of a session that runs elsewhere too, if it is retired in time (S11)', async () => {
    const parts = await fork(26)
    const { log, a, b, change, id } = parts
    const shared = change()
    await log.append(a, [shared])
    expect(log.accept(b.seal([shared]).bytes, null)).toBe('duplicate')
    const retired: string[] = []
    log.onRetired(({ session }) => retired.push(session))
    expect(log.accept(b.seal([change()]).bytes, null)).toBe('accepted')
    expect(retired).toEqual([id])
    expect([log.tip(id), log.forks().size]).toEqual([2, 0])
    expect(await rejection(log.append(a, [change()]))).toBe('CLOSED')
    expect(log.accept(b.seal([change()]).bytes, null)).toBe('accepted')
    expect(log.ownSessions()).toEqual([id])
  })

  it('of a session that is alive here retire it', async () => {
    const parts = await fork(27)
    const { log, a, b, change, id } = parts
    const retired: string[] = []
    log.onRetired(({ session }) => retired.push(session))
    await log.append(a, [change()])
    expect(log.accept(b.seal([change()]).bytes, null)).toBe('fork')
    hasProof(log, parts)
    expect(retired).toEqual([id])
    expect(await rejection(log.append(a, [change()]))).toBe('CLOSED')
  })
})
