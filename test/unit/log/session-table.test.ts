import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasCode } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import { noMark, type Segment, tipProofSize } from '../../../main/log/format/segment'
import type { Accepted, Joining, Rebased, Session } from '../../../main/log/session'
import { SessionHistory } from '../../../main/log/session-history'
import { SessionTable } from '../../../main/log/session-table'
import { codeOf } from './fixture'

/** A segment whose header alone is real; `branch` tells histories apart. */
function segmentOf(session: Uint8Array, seqFrom: number, count: number, branch = 0): Segment {
  const seqTo = seqFrom + count - 1
  const [prevChain, chain, bodyHash] = [0, branch, branch].map((value) => Buffer.alloc(32, value))
  if (!prevChain || !chain || !bodyHash) return expect.fail()
  const numbers = Buffer.alloc(8)
  numbers.writeUInt32LE(seqFrom, 0)
  numbers.writeUInt32LE(seqTo, 4)
  const header = Buffer.concat([Buffer.of(1, 0), session, numbers, prevChain, chain, bodyHash])
  const tipProof = Buffer.concat([header, Buffer.alloc(tipProofSize - header.length)])
  return { session, seqFrom, seqTo, prevChain, chain, bodyHash, tipProof, bytes: tipProof }
}

const keys = Array.from({ length: 4 }, (_, index) => Buffer.alloc(32, index + 1))
const [own = expect.fail(), other = expect.fail()] = keys
const certificate = Buffer.alloc(299)
const joining: Joining = { certificate, own: false, fork: null }

/** Fails unless the invariants hold that the table's doc comment numbers. */
function hold(table: SessionTable): void {
  const sessions = [...table.all()]
  for (const session of sessions) {
    const { id, tip, signed, base, live, history } = session
    expect(tip, 'accepted <= signed').toBeLessThanOrEqual(signed)
    if (!table.isSwitching(id)) expect(table.durableTip(id), 'durable <= accepted').toBeLessThanOrEqual(tip)
    expect(tip).toBeGreaterThan(0)
    expect(history?.tip ?? tip).toBe(tip)
    expect(base?.seq ?? 0).toBeLessThanOrEqual(tip)
    if (live) expect([session.own, signed]).toEqual([true, tip])
  }
  const ids = sessions.map(({ id }) => id)
  for (const id of table.vector.keys()) expect(ids).toContain(id)
  const forked = sessions.flatMap(({ id, fork }) => (fork ? [id] : []))
  expect([...table.forks.keys()].sort()).toEqual(forked.sort())
}

/** A table with a queue in the place of the disk. */
class Bench {
  readonly table = new SessionTable()
  private readonly queue: (Accepted | Rebased)[] = []
  private readonly signed = new Map<string, number>()
  private readonly ended = new Set<string>()

  /** Does one thing to one session, legal or not; returns false when the table refused it. */
  step(kind: Kind, key: Uint8Array, number: number): boolean {
    try {
      this.act(kind, key, number)
      return true
    } catch (error) {
      if (!hasCode(error, 'INTERNAL')) throw error
      return false
    } finally {
      this.look()
    }
  }

  /** The disk does all that waits. */
  flush(count = this.queue.length): void {
    for (const entry of this.queue.splice(0, count)) {
      if ('segment' in entry) this.table.written(entry)
      else this.table.rebaseWritten(entry)
      this.look()
    }
  }

  private act(kind: Kind, key: Uint8Array, number: number): void {
    const id = hex(key)
    const session = this.table.get(id)
    actions[kind]({ bench: this, table: this.table, id, key, number, session, tip: session?.tip ?? 0 })
  }

  /** The disk is asked to write. */
  add(...entries: readonly (Accepted | Rebased)[]): void {
    this.queue.push(...entries)
  }

  /** Notes numbers that this process signed. */
  sign(id: string, from: number, to: number): void {
    expect(this.signed.get(id) ?? 0, 'no number is signed twice').toBeLessThan(from)
    this.signed.set(id, to)
  }

  private look(): void {
    hold(this.table)
    for (const { id, live } of this.table.all()) {
      if (live) expect(this.ended.has(id), 'a session that ended is not live again').toBe(false)
      else this.ended.add(id)
    }
  }
}

interface Action {
  readonly bench: Bench
  readonly table: SessionTable
  readonly id: string
  readonly key: Uint8Array
  readonly number: number
  readonly session: Session | undefined
  readonly tip: number
}

/** The history of single changes that a session may have; of a wrong length now and then. */
function historyOf({ key, tip, base }: Session, number: number): SessionHistory {
  const history = new SessionHistory(base)
  const end = number === 6 ? tip + 1 : tip
  for (let seq = (base?.seq ?? 0) + 1; seq <= end; seq++) history.add(segmentOf(key, seq, 1).tipProof)
  return history
}

const actions = {
  append: ({ bench, table, id, key, number, tip }: Action) => {
    // From where it may sign, or from a number that it must not.
    const from = (table.liveTip(id) ?? tip) + (number === 6 ? 0 : 1)
    const segments = [segmentOf(key, from, 2), segmentOf(key, from + 2, 1)]
    const accepted = table.append(key, certificate, segments)
    bench.sign(id, from, from + 2)
    bench.add(...accepted)
  },
  accept: ({ bench, table, key, number, tip }: Action) => {
    const from = number === 6 ? tip + 2 : tip + 1
    bench.add(table.accept(segmentOf(key, from, 1 + (number % 3)), joining))
  },
  switch: ({ bench, table, id, key, number, tip }: Action) => {
    table.retire(id)
    const segment = segmentOf(key, Math.max(1, tip - number), 1 + (number % 2), 7)
    bench.add(table.switchTo(segment, certificate, 0))
  },
  remember: ({ table, id, number, session }: Action) => {
    if (session) table.remember(id, historyOf(session, number))
  },
  rebase: ({ bench, table, id, key, number, session, tip }: Action) => {
    if (number >= 2 && session) return
    const seq = Math.max(session?.base?.seq ?? 0, 1, tip + number - 1)
    bench.add(table.rebase(id, { seq, tipProof: segmentOf(key, seq, 1).tipProof, mark: noMark }, joining))
  },
  adopt: ({ table, key, session, tip }: Action) => {
    if (session) table.adopt(session, segmentOf(key, tip + 1, 1))
  },
  lose: ({ table, number, session, tip }: Action) => {
    const end = Math.max(session?.base?.seq ?? 0, tip - number)
    const tipProof = Buffer.alloc(tipProofSize)
    if (session) table.lose(session, end > 0 ? { tip: end, tipProof, mark: noMark } : null)
  },
  retire: ({ table, id }: Action) => void table.retire(id),
  convict: ({ table, id, number }: Action) => table.convict(id, Buffer.of(number)),
  claim: ({ table, id }: Action) => void table.claim(id),
  write: ({ bench, number }: Action) => bench.flush(number),
}
type Kind = keyof typeof actions
const kinds = Object.keys(actions) as Kind[]

describe('the table of a log’s sessions', () => {
  it('holds durable <= accepted <= signed whatever is done to it', () => {
    const step = fc.tuple(fc.constantFrom(...kinds), fc.constantFrom(...keys), fc.nat({ max: 6 }))
    const done = new Set<Kind>()
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const bench = new Bench()
        for (const [kind, key, number] of steps) if (bench.step(kind, key, number)) done.add(kind)
        bench.flush()
        for (const { id, tip } of bench.table.all())
          expect([bench.table.isSwitching(id), bench.table.durableTip(id)]).toEqual([false, tip])
      }),
      // One seed: whether each kind of step was drawn is known.
      { numRuns: 1_000, seed: 1 },
    )
    expect([...done].sort()).toEqual([...kinds].sort())
  })

  it('takes no segment of a live session that this process did not sign, until it is retired', () => {
    const table = new SessionTable()
    table.append(own, certificate, [segmentOf(own, 1, 2)])
    const beyond = segmentOf(own, 3, 1)
    expect(codeOf(() => table.accept(beyond))).toBe('INTERNAL')
    expect(table.get(hex(own))).toMatchObject({ tip: 2, signed: 2, live: true })
    expect(table.retire(hex(own))).toBe(true)
    table.accept(beyond)
    expect(table.get(hex(own))).toMatchObject({ tip: 3, signed: 3, live: false })
    expect(codeOf(() => table.append(own, certificate, [segmentOf(own, 4, 1)]))).toBe('INTERNAL')
    hold(table)
  })

  it('signs nothing more in a session of which all was lost', () => {
    const table = new SessionTable()
    expect(table.liveTip(hex(own))).toBe(0)
    table.append(own, certificate, [segmentOf(own, 1, 2)])
    table.lose(table.get(hex(own)) ?? expect.fail(), null)
    expect([table.get(hex(own)), table.liveTip(hex(own))]).toEqual([undefined, null])
    expect(codeOf(() => table.append(own, certificate, [segmentOf(own, 1, 1)]))).toBe('INTERNAL')
  })

  it('calls nothing durable that was not accepted', () => {
    const table = new SessionTable()
    const accepted = table.accept(segmentOf(other, 1, 2), joining)
    const ahead = { ...accepted, segment: segmentOf(other, 3, 1) }
    expect(codeOf(() => table.written(ahead))).toBe('INTERNAL')
    expect(table.vector.size).toBe(0)
    table.written(accepted)
    expect(table.durableTip(hex(other))).toBe(2)
  })

  it('calls nothing durable that was on its way when what it follows was lost', () => {
    const table = new SessionTable()
    const accepted = [1, 2, 3].map((seq) => table.accept(segmentOf(other, seq, 1), joining))
    const [first = expect.fail(), ...rest] = accepted
    table.written(first)
    table.lose(first.session, { tip: 1, tipProof: first.segment.tipProof, mark: first.mark })
    for (const one of rest) table.written(one)
    expect([table.durableTip(hex(other)), table.get(hex(other))?.tip]).toEqual([1, 1])
    expect(table.isCurrent(first.session)).toBe(false)
  })

  it('has the durable end of the history before until a switch is written (S12)', () => {
    const table = new SessionTable()
    const id = hex(other)
    for (const seq of [1, 2, 3]) table.written(table.accept(segmentOf(other, seq, 1), joining))
    const history = new SessionHistory()
    for (const seq of [1, 2, 3]) history.add(segmentOf(other, seq, 1).tipProof)
    expect(table.remember(id, history)).toBe(true)
    const accepted = table.switchTo(segmentOf(other, 2, 1, 9), certificate, 0)
    expect(accepted.cut).toEqual({ after: 1, ends: [2, 3] })
    expect([table.get(id)?.tip, table.durableTip(id)]).toEqual([2, 3])
    expect(table.isSwitching(id)).toBe(true)
    table.written(accepted)
    expect([table.isSwitching(id), table.durableTip(id)]).toEqual([false, 2])
    expect(table.vector.get(id)?.mark).toEqual(table.get(id)?.mark)
  })

  it('gives views that nobody can change', () => {
    const table = new SessionTable()
    table.written(table.accept(segmentOf(other, 1, 1), joining))
    for (const view of [table.vector, table.forks])
      for (const method of ['set', 'delete', 'clear']) expect(method in view).toBe(false)
    const started = table.started as Set<string>
    started.add('more')
    expect(table.started.size).toBe(0)
  })
})
