import { createHash } from 'node:crypto'
import { ChangeSet } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../main/base/hex'
import { keysFromWrite } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { packChanges } from '../../main/log/format/packing'
import { type LoggedChange, SessionLog } from '../../main/log/session-log'
import { readChangeHeader } from '../../main/replica/change-header'
import { Replica } from '../../main/replica/replica'
import { Trap } from '../../main/replica/trap'
import { answer, fuzz, mutated } from '../support/fuzz'
import { ManualClock } from '../support/manual-clock'
import { randomFrom } from '../support/random'

const random = randomFrom(10)
const environment = { clock: new ManualClock(), random: (size: number) => random.bytes(size) }
const keys = keysFromWrite(random.bytes(32))
const { documentId } = keys
const content = keys.content ?? expect.fail()
const identity = identityFromSeed(random.bytes(32))
const replicaOf = (actor: string) => new Replica({ documentId, contentKey: content, actor, now: () => 0 })
const newSession = (seed = random.bytes(32)) =>
  new SessionLog({ documentId, keys, identity, name: 'Ada', environment, seed })
const type = (replica: Replica, from: number, insert: string): LoggedChange[] => {
  replica.edit(ChangeSet.of({ from, to: from, insert }, replica.text.length, '\n'))
  return replica.commit()
}

/** Sealed segments of an honest author. */
const honest = newSession()
const honestText = `An honest text, with an anchor: ${'long '.repeat(700)}`
const honestSegments = (() => {
  const replica = replicaOf(hex(honest.session))
  const changes = [...type(replica, 0, honestText.slice(0, 20)), ...type(replica, 20, honestText.slice(20))]
  replica.free()
  return changes.map((change) => ({ segment: honest.seal([change]).bytes, certificate: honest.certificate }))
})()

/** A writer whose changes build on those: the same session each time, so that its changes can be made ahead. */
const writerSeed = random.bytes(32)
const writerChanges = (() => {
  const replica = replicaOf(hex(newSession(writerSeed).session))
  replica.receive(honestSegments)
  const first = type(replica, 5, 'more')
  replica.edit(
    ChangeSet.of(
      [
        { from: 0, to: 9 },
        { from: 30, insert: 'x'.repeat(3_000) },
      ],
      replica.text.length,
      '\n',
    ),
  )
  const changes = [...first, ...replica.commit(), ...type(replica, replica.text.length, '😀 end')]
  replica.free()
  return changes
})()

/** A change as its maker would send it: with a checksum that fits and the length that it has. */
function finished(bytes: Buffer): LoggedChange | null {
  if (bytes.length < 12) return null
  hash(bytes.subarray(8)).copy(bytes, 4, 0, 4)
  const header = answer(() => readChangeHeader(bytes), 'MALFORMED')
  return { bytes, hash: header ? fromHex(header.hash) : Buffer.alloc(32) }
}

const hash = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

describe('a writer who seals changed changes', () => {
  it('is left out, or ends the thread that reads it; what others wrote is read (D2 to D5)', () => {
    const outcomes = { taken: 0, leftOut: 0, trapped: 0 }
    fuzz(500, mutated(writerChanges.map(({ bytes }) => bytes)), ({ bytes, of }) => {
      const change = finished(bytes)
      if (!change || !packChanges([change.bytes])) return
      const session = newSession(writerSeed)
      const changes = [...writerChanges.slice(0, of), change, ...writerChanges.slice(of + 1)]
      const segments = changes.map((one) => ({
        segment: session.seal([one]).bytes,
        certificate: session.certificate,
      }))
      const reader = replicaOf('ff'.repeat(32))
      reader.receive(honestSegments)
      const began = performance.now()
      try {
        const { faults } = reader.receive(segments)
        outcomes[faults.length > 0 ? 'leftOut' : 'taken']++
        for (const { session: id } of faults) expect(id).toBe(hex(session.session))
        expect(reader.text.length).toBeLessThan(20_000)
      } catch (error) {
        // Automerge panicked: the thread ends, and the next one leaves this change out.
        expect(error).toBeInstanceOf(Trap)
        expect((error as Trap).change?.actor ?? hex(session.session)).toBe(hex(session.session))
        outcomes.trapped++
      } finally {
        reader.free()
      }
      expect(performance.now() - began, 'a bound, far above what any takes').toBeLessThan(20_000)
    })
    expect(outcomes.leftOut).toBeGreaterThan(100)
    expect(outcomes.taken).toBeGreaterThan(10)
  })

  it('without the changes that end it, the document is read by the next thread (D5)', () => {
    fuzz(200, mutated(writerChanges.map(({ bytes }) => bytes)), ({ bytes, of }) => {
      const change = finished(bytes)
      if (!change || !packChanges([change.bytes])) return
      const session = newSession(writerSeed)
      const segments = [...writerChanges.slice(0, of), change].map((one) => ({
        segment: session.seal([one]).bytes,
        certificate: session.certificate,
      }))
      const leftOut = new Map<string, number>()
      for (let thread = 0; thread < 4; thread++) {
        const reader = new Replica({
          documentId,
          contentKey: content,
          actor: 'ff'.repeat(32),
          now: () => 0,
          leftOut,
        })
        let taking: { session: string; seq: number } | null = null
        try {
          reader.load([...honestSegments, ...segments], (next) => {
            taking = next && { session: next.actor, seq: next.seq }
          })
          const text = reader.text.toString()
          if (leftOut.size > 0) expect(text).toContain('long long')
          return
        } catch (error) {
          expect(error).toBeInstanceOf(Trap)
          const { session: id, seq } = taking ?? expect.fail('a change was named')
          leftOut.set(id, seq)
        } finally {
          reader.free()
        }
      }
      expect.fail('never read')
    })
  })
})
