import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { DocumentLog } from '../../../../main/log/document-log'
import { snapshotPartSize } from '../../../../main/log/format/limits'
import { packDocument, type Snapshot, sealSnapshot } from '../../../../main/log/format/snapshot'
import { snapshotPartKey } from '../../../../main/log/format/store-keys'
import { MemoryDisk, MemoryStore } from '../../../../main/storage/memory-store'
import { FetchSlots } from '../../../../main/sync/budget/fetch-slots'
import { SegmentScheduler } from '../../../../main/sync/transfer/segment-scheduler'
import { SnapshotFetcher, type SnapshotSource } from '../../../../main/sync/transfer/snapshot-fetcher'
import { SnapshotSender } from '../../../../main/sync/transfer/snapshot-sender'
import type { Port } from '../../../../main/sync/wire/channel'
import { quiet } from '../../../support/manual-clock'
import { collect, fixture, flipped } from '../../log/fixture'

const { keys, random, environment, clock, session, change } = fixture(75)
const { documentId } = keys

/** A log with three segments of somebody, and a snapshot of them whose inside is noise. */
async function logWithNoise() {
  const disk = new MemoryDisk()
  const log = new DocumentLog({ store: new MemoryStore(disk), environment, documentId, verify: keys.verify })
  await log.open()
  const author = session()
  for (let n = 0; n < 3; n++)
    log.accept(author.seal([change(), change()]).bytes, n === 0 ? author.certificate : null)
  await log.idle()
  const settled = (await log.snapshots.settled(hex(author.session), 6)) ?? expect.fail()
  const packed = packDocument(random.bytes(300_000)) ?? expect.fail()
  const nonce = random.bytes(24)
  const noise = sealSnapshot({ keys, sessions: [settled], packed, nonce, madeAt: 1 }) ?? expect.fail()
  return { disk, log, author, noise }
}

/** Offers a snapshot, and claims something that only a snapshot could bring. */
function offers(
  log: DocumentLog,
  { id, bytes }: Snapshot,
  options: { isSound: (() => Promise<boolean>) | null },
) {
  let asked = 0
  let faults = 0
  const source: SnapshotSource = {
    offer: { id, size: bytes.length, changes: 6 },
    hasAnnounced: true,
    needsSnapshot: true,
    missingChanges: 0,
    onFault: () => faults++,
    requestPart: (_, index) => {
      asked++
      if (asked > 50) return
      const part = bytes.subarray(index * snapshotPartSize, (index + 1) * snapshotPartSize)
      setImmediate(() => fetching.takePart(source, { index, bytes: part }))
    },
  }
  const fetching = new SnapshotFetcher({
    log,
    clock,
    scheduler: new SegmentScheduler({ clock, acceptedTip: () => 0, sources: () => [] }),
    slots: new FetchSlots(),
    sources: () => [source],
    verifyKey: () => keys.verify,
    isSound: options.isSound,
  })
  fetching.onAnnounced(source)
  return { asked: () => asked, faults: () => faults }
}

describe('a peer that claims what only its snapshot could bring', () => {
  it('T5 does not keep a keeper from sending the segments that it has', async () => {
    const { log, author, noise } = await logWithNoise()
    offers(log, noise, { isSound: null })
    await quiet(400)
    expect(log.snapshots.held).not.toBeNull()
    expect([...log.vector.values()].map(({ base, tip }) => [base, tip])).toEqual([[0, 6]])
    expect((await collect(log.segments(hex(author.session), 0))).length).toBe(3)
    await log.close()
  })

  it('T5 W62 does not make anyone fetch a stored snapshot again, or delete segments for it early', async () => {
    const { log, author, noise } = await logWithNoise()
    await log.snapshots.keep(noise)
    const { asked } = offers(log, noise, { isSound: async () => true })
    await quiet(400)
    expect(asked()).toBe(0)
    expect((await collect(log.segments(hex(author.session), 0))).length).toBe(3)
    await log.close()
  })

  it('W62 is asked once for a snapshot that does not bring it', async () => {
    const { noise } = await logWithNoise()
    const log = new DocumentLog({
      store: new MemoryStore(new MemoryDisk()),
      environment,
      documentId,
      verify: keys.verify,
    })
    await log.open()
    const { asked } = offers(log, noise, { isSound: async () => true })
    await quiet(600)
    expect(asked()).toBe(Math.ceil(noise.bytes.length / snapshotPartSize))
    await log.close()
  })
})

it('S15 a snapshot that is damaged on the disk is not sent to peers', async () => {
  const { disk, log, noise } = await logWithNoise()
  await log.snapshots.keep(noise)
  const name = Buffer.from(snapshotPartKey(documentId, 1)).toString('latin1')
  disk.values.set(name, flipped(disk.values.get(name) ?? expect.fail(), 500))
  let sent = 0
  const port: Port = {
    drained: true,
    send: () => void sent++,
    together: (work) => work(),
    close: () => undefined,
    destroy: () => undefined,
  }
  const sender = new SnapshotSender({ log, port: () => port })
  sender.takeFetch({ id: noise.id, index: 0 })
  await quiet(200)
  expect(sent).toBe(0)
  await log.close()
})
