import { expect, vi } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { DocumentLog } from '../../../../main/log/document-log'
import { segmentKey, sessionKey } from '../../../../main/log/format/store-keys'
import { TimeSlicer } from '../../../../main/log/scrub/time-slicer'
import { SessionLog } from '../../../../main/log/session-log'
import { MemoryDisk, MemoryStore } from '../../../../main/storage/memory-store'
import { collect, fixture, flipped } from '../fixture'

const { keys, identity, random, environment, clock, session, change } = fixture(71)
/** Id of the document whose log is stored. */
export const { documentId } = keys
/** The document's keys, its clock, and more. */
export { change, clock, keys, random, session }
/** Name of a key on the disk. */
export const name = (key: Uint8Array) => Buffer.from(key).toString('latin1')
/** A pace without rests. */
export const atOnce = () => new TimeSlicer({ clock, slice: 1_000, rest: 0 })

/** Returns a disk with an own and a foreign session, of three two-change segments each; its log is closed. */
export async function stored() {
  const disk = new MemoryDisk()
  const store = () => new MemoryStore(disk)
  const seed = random.bytes(32)
  const made = { documentId, keys, identity, name: 'Eve', environment, seed }
  const [own, other, twin] = [session(), new SessionLog(made), new SessionLog(made)]
  const open = async (verify = keys.verify) => {
    const log = new DocumentLog({ store: store(), environment, documentId, verify })
    await log.open()
    return log
  }
  const log = await open()
  const segments: Uint8Array[] = []
  for (let n = 0; n < 3; n++) {
    await log.append(own, [change(), change()])
    const { bytes } = other.seal([change(), change()])
    segments.push(bytes)
    expect(log.accept(bytes, n === 0 ? other.certificate : null)).toBe('accepted')
  }
  await log.idle()
  const mine = (await collect(log.segments(hex(own.session), 0))).map(({ bytes }) => Uint8Array.from(bytes))
  await log.close()
  const at = (key: Uint8Array) => disk.values.get(name(key)) ?? expect.fail()
  const spoil = (key: Uint8Array, place: number) => disk.values.set(name(key), flipped(at(key), place))
  const segment = (seqTo: number, of = other) => segmentKey(documentId, of.session, seqTo)
  const record = (kind: 'certificate' | 'tip' | 'own' | 'fork', of = other) =>
    sessionKey(kind, documentId, of.session)
  /** As peers give it who are asked: all that follows what is held, the certificate first where nothing is. */
  const giveAgain = (to: DocumentLog) => {
    for (const [of, all] of [
      [own, mine],
      [other, segments],
    ] as const)
      for (const bytes of all) to.accept(bytes, to.tip(hex(of.session)) === 0 ? of.certificate : null)
  }
  return { disk, store, own, other, twin, open, at, spoil, segment, record, segments, mine, giveAgain }
}

/** Resolves to the source of the repair when a log says that nothing is damaged. */
export const mended = (log: DocumentLog) =>
  new Promise<string>((resolve) => {
    log.onMended(resolve)
  })

/** Waits until nothing is damaged, and checks that all segments are there. */
export const isWhole = async (log: DocumentLog, tips: readonly number[] = [6, 6]) => {
  await vi.waitFor(() => expect(log.health.isDamaged).toBe(false))
  expect([...log.vector.values()].map(({ tip }) => tip)).toEqual(tips)
  expect((await collect(log.all())).length).toBe(6)
}
