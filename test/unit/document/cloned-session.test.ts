import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import type { JournalKeep } from '../../../main/document/edit-journal'
import { OpenDocument } from '../../../main/document/open-document'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { SessionLog } from '../../../main/log/session-log'
import { MemoryStore } from '../../../main/storage/memory-store'
import { type Ground, grounds, placesOf, surroundings } from '../../support/ground'
import { InlineReplicas } from '../../support/inline-replica'
import { openJournal } from '../../support/journal'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

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
      canWrite: () => true,
      startReplica: this.replicas.start,
      clock,
      text: '',
      journal,
      hasCompany: () => true,
      onUpdates: () => undefined,
      onState: () => undefined,
      onSelected: () => undefined,
      onPlaces: () => undefined,
      onNotes: () => undefined,
      onContent: () => undefined,
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
}

describe.each(grounds)('a machine that is copied while it runs, with a %s text (S13, D9)', (ground) => {
  it.each(['one of them', 'both of them'])('loses nothing when %s typed since', async (who) => {
    for (let seed = 0; seed < (ground === 'short' ? 25 : 10); seed++) {
      const clock = new ManualClock()
      const random = randomFrom(seed)
      const [a, b] = [await Machine.start(clock, random.bytes), await Machine.start(clock, random.bytes)]
      for (const { open } of [a, b]) for (const edit of surroundings[ground].edits) open.edit([edit], 'test')
      await clock.advance(2_000)
      const words: string[] = []
      const type = async (machine: Machine) => {
        const word = `⟦${String(words.length).padStart(2, '0')}⟧`
        words.push(word)
        machine.type(word, ground, random.chance(0.3) ? 'start' : 'end')
        if (random.chance(0.6)) await clock.advance(random.below(500))
      }
      for (let key = 0; key < 3 + random.below(5); key++)
        await type(who === 'one of them' || random.chance(0.5) ? a : b)
      await clock.advance(1_000)
      const agreed = () =>
        a.open.text === b.open.text && words.every((word) => a.open.text.split(word).length === 2)
      for (let round = 0; round < 60 && !(round > 3 && agreed()); round++) {
        const [from, to] = random.chance(0.5) ? [a, b] : [b, a]
        await to.take(from)
        await clock.advance(random.below(8_000))
        if (round < 3) await type(random.pick([a, b]))
      }
      expect(b.open.text, `seed ${seed}`).toBe(a.open.text)
      for (const word of words) expect(a.open.text.split(word).length, `seed ${seed}: ${word}`).toBe(2)
      const forks = a.log.forks().size + b.log.forks().size
      if (who === 'one of them' && words.length > 0) expect(forks).toBeLessThanOrEqual(2)
      for (const { open, log, replicas } of [a, b]) {
        open.close()
        replicas.freeAll()
        const closing = log.close()
        await quiet()
        await closing
      }
    }
  })
})
