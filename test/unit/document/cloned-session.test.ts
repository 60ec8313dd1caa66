import { Text } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import type { JournalKeep } from '../../../main/document/edit-journal'
import { OpenDocument } from '../../../main/document/open-document'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { SessionLog } from '../../../main/log/session-log'
import { MemoryStore } from '../../../main/storage/memory-store'
import { noCallbacks } from '../../support/document-callbacks'
import { type Ground, grounds, placesOf, surroundings } from '../../support/ground'
import { InlineReplicas } from '../../support/inline-replica'
import { openJournal } from '../../support/journal'
import { ManualClock, quiet } from '../../support/manual-clock'
import { type Random, randomFrom } from '../../support/random'

const keys = keysFromWrite(Buffer.alloc(32, 9))
const { documentId, verify } = keys
const contentKey = keys.content ?? expect.fail()

/** One of two machines of which the other is a copy, made while it ran: its first session is at work in both. */
class Machine {
  readonly log: DocumentLog
  readonly open: OpenDocument
  readonly replicas = new InlineReplicas(() => 0)
  starts = 0

  private constructor(
    clock: ManualClock,
    random: (size: number) => Buffer,
    log: DocumentLog,
    journal: JournalKeep,
  ) {
    this.log = log
    this.open = new OpenDocument({
      documentId,
      contentKey,
      log,
      newSession: () => {
        const cloned = this.starts++ === 0
        const bytes = (size: number) => (cloned ? Buffer.alloc(size, 5) : random(size))
        return new SessionLog({
          documentId,
          keys,
          identity: identityFromSeed(Buffer.alloc(32, 3)),
          name: 'Ada',
          environment: { clock, random: bytes },
        })
      },
      canWrite: true,
      startReplica: this.replicas.start,
      clock,
      parts: ['notes'],
      text: Text.empty,
      journal,
      hasCompany: () => true,
      ...noCallbacks,
    })
  }

  static async start(clock: ManualClock, random: (size: number) => Buffer): Promise<Machine> {
    const store = new MemoryStore()
    const log = new DocumentLog({
      store,
      environment: { clock, random },
      documentId,
      verify,
    })
    await log.open()
    const { keep } = await openJournal({ store, documentId, random })
    const machine = new Machine(clock, random, log, keep)
    log.guardSwitches(() => machine.open.isReady)
    await clock.advance(100)
    return machine
  }

  /** Types at the start or at the end of what stands on the ground. */
  type(word: string, ground: Ground, at: 'start' | 'end'): void {
    const place = placesOf(this.open.text, ground)[at]
    this.open.edit([{ from: place, to: place, insert: word }], 'test')
  }

  /** Takes all that another holds, as of a peer. */
  async take(other: Machine): Promise<void> {
    const segments = []
    for await (const segment of other.log.all()) segments.push(segment)
    for (const { session } of segments) await this.log.histories.remember(hex(session))
    for (const { bytes, session } of segments) this.log.accept(bytes, other.log.certificate(hex(session)))
  }

  async end(): Promise<void> {
    this.open.close()
    this.replicas.freeAll()
    const closing = this.log.close()
    await quiet()
    await closing
  }
}

const wordAt = (index: number): string => `⟦${String(index).padStart(2, '0')}⟧`
const countOf = (text: string, word: string): number => text.split(word).length - 1

/** Two copies of a machine, of which one or both are written on before they meet. */
class Run {
  readonly words: string[] = []
  readonly random: Random
  readonly clock = new ManualClock()
  private constructor(
    private readonly ground: Ground,
    seed: number,
  ) {
    this.random = randomFrom(seed)
  }

  private machines: readonly Machine[] = []

  static async start(ground: Ground, seed: number): Promise<Run> {
    const run = new Run(ground, seed)
    const { clock, random } = run
    run.machines = [await Machine.start(clock, random.bytes), await Machine.start(clock, random.bytes)]
    for (const { open } of run.machines)
      for (const edit of surroundings[ground].edits) open.edit([edit], 'test')
    await clock.advance(2_000)
    return run
  }

  get texts(): string[] {
    return this.machines.map(({ open }) => open.text)
  }

  /** How many sessions each found to have two histories, in all. */
  get forks(): number {
    return this.machines.reduce((sum, { log }) => sum + log.forks().size, 0)
  }

  /** True if both have the same text, with each word once. */
  get isAgreed(): boolean {
    const [first = '', second] = this.texts
    return first === second && this.words.every((word) => countOf(first, word) === 1)
  }

  async type(on: 'one of them' | 'any'): Promise<void> {
    const { random, clock } = this
    const machine = on === 'any' ? random.pick(this.machines) : this.machines[0]
    const word = wordAt(this.words.length)
    this.words.push(word)
    machine?.type(word, this.ground, random.chance(0.3) ? 'start' : 'end')
    if (random.chance(0.6)) await clock.advance(random.below(500))
  }

  /** One of them takes all that the other holds. */
  async meet(): Promise<void> {
    const [a, b] = this.machines
    if (!a || !b) throw new Error('the run was not started')
    await (this.random.chance(0.5) ? b.take(a) : a.take(b))
    await this.clock.advance(this.random.below(8_000))
  }

  async end(): Promise<void> {
    for (const machine of this.machines) await machine.end()
  }
}

async function runSeed(ground: Ground, seed: number, who: 'one of them' | 'any'): Promise<void> {
  const run = await Run.start(ground, seed)
  const keys = 3 + run.random.below(5)
  for (let key = 0; key < keys; key++) await run.type(who)
  await run.clock.advance(1_000)
  for (let round = 0; round < 60 && !(round > 3 && run.isAgreed); round++) {
    await run.meet()
    if (round < 3) await run.type('any')
  }
  const [first = '', second] = run.texts
  expect(second, `seed ${seed}`).toBe(first)
  for (const word of run.words) expect(countOf(first, word), `seed ${seed}: ${word}`).toBe(1)
  if (who === 'one of them') expect(run.forks).toBeLessThanOrEqual(2)
  await run.end()
}

describe.each(grounds)('a machine that is copied while it runs, with a %s text (S13, D9)', (ground) => {
  it.each([
    ['one of them', 'one of them'],
    ['both of them', 'any'],
  ] as const)('loses nothing when %s typed since', async (_name, who) => {
    for (let seed = 0; seed < (ground === 'short' ? 25 : 10); seed++) await runSeed(ground, seed, who)
  })
})
