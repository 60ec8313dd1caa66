import { afterEach, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { logRanges } from '../../../main/log/format/store-keys'
import { SessionLog } from '../../../main/log/session-log'
import type { LowerPart } from '../../../main/repo/lower-part'
import { lowerParts } from '../../../main/repo/lower-parts'
import { Repo } from '../../../main/repo/repo'
import type { RepoDocument } from '../../../main/repo/repo-document'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { isMessageType } from '../../../main/sync/wire/messages'
import { Blobs, blobsPart } from '../../support/blobs-part'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'
import { SimInternet, SimNetwork } from '../../support/sim-network'
import { keptTerms } from '../../support/terms'
import { collect } from '../log/fixture'

const random = randomFrom(87)
const clock = new ManualClock()
const environment = { clock, random: (size: number) => random.bytes(size) }
const newKeys = (): DocumentKeys => keysFromWrite(random.bytes(32))
const manyParts = [...lowerParts, blobsPart]

const open: Repo[] = []
afterEach(async () => {
  for (const repo of open.splice(0)) await repo.close()
})

async function start(options: {
  documents: readonly DocumentKeys[]
  disk?: MemoryDisk
  internet?: SimInternet
  parts?: readonly LowerPart[]
  /** Logs that nothing needs are closed. */
  rests?: boolean
}): Promise<{ repo: Repo; disk: MemoryDisk; document: RepoDocument; blobs: Blobs }> {
  const { documents, disk = new MemoryDisk(), internet = new SimInternet({ clock, random }) } = options
  const network = new SimNetwork({ world: internet, name: hex(random.bytes(8)) })
  const repo = new Repo({
    ...{ store: new MemoryStore(disk), network, environment, freeSpace: null, records: [] },
    parts: options.parts ?? manyParts,
    ...(options.rests ? { mayRest: async () => true } : {}),
    terms: (id) => {
      const keys = documents.find(({ documentId }) => hex(documentId) === id) ?? expect.fail()
      return keptTerms(keys, random.bytes(32))
    },
  })
  open.push(repo)
  await repo.open({ secret: async () => Buffer.alloc(32, 5), load: async () => undefined })
  await network.open()
  const [first = expect.fail()] = documents
  const document = await repo.keep(hex(first.documentId))
  return { repo, disk, document, blobs: blobsOf(document) }
}

function blobsOf({ parts }: RepoDocument): Blobs {
  const blobs = parts.find('blobs')
  return blobs instanceof Blobs ? blobs : new Blobs({} as never)
}

/** Moves the clock on until `holds`, for at most five minutes. */
async function until(holds: () => boolean): Promise<void> {
  for (let spent = 0; spent < 300_000 && !holds(); spent += 250) await clock.advance(250)
  expect(holds()).toBe(true)
}

const recordsOf = ({ values }: MemoryDisk, letter: string) =>
  [...values.keys()].filter((key) => key[0] === letter)

it('no two parts share a name, a message or a range, nor any with the log or the document’s channel', () => {
  const documentId = random.bytes(32)
  for (const parts of [lowerParts, manyParts]) {
    const names = parts.map(({ name }) => name)
    const messages = parts.flatMap(({ keeping }) => keeping?.messages ?? [])
    const ranges = [logRanges(documentId), ...parts.map((part) => part.ranges(documentId))]
      .flat()
      .map(({ gte }) => hex(gte))
    for (const all of [names, messages, ranges]) expect(new Set(all).size).toBe(all.length)
    expect(names.filter((name) => !/^[a-z-]{1,32}$/.test(name))).toEqual([])
    expect(messages.filter(isMessageType)).toEqual([])
  }
})

it('two peers exchange the data of a part, at once and what was there before', async () => {
  const internet = new SimInternet({ clock, random })
  const keys = newKeys()
  const ada = await start({ documents: [keys], internet })
  await ada.blobs.add(Buffer.from('before'))
  const ben = await start({ documents: [keys], internet })
  await until(() => ben.blobs.held.length === 1)
  await ben.blobs.add(Buffer.from('after'))
  await until(() => ada.blobs.held.length === 2)
  expect(ada.blobs.held).toEqual(ben.blobs.held)
})

it('a peer without the part syncs the text all the same', async () => {
  const internet = new SimInternet({ clock, random })
  const keys = newKeys()
  const ada = await start({ documents: [keys], internet })
  await ada.blobs.add(Buffer.from('a blob'))
  const ben = await start({ documents: [keys], internet, parts: lowerParts })
  const identity = identityFromSeed(random.bytes(32))
  const session = new SessionLog({ documentId: keys.documentId, keys, identity, name: 'Ada', environment })
  await ada.document.log.append(session, [{ bytes: random.bytes(100), hash: random.bytes(32) }])
  await until(() => ben.document.log.tip(hex(session.session)) === 1)
  expect(ben.document.peers.peers).toHaveLength(1)
  expect(ben.document.parts.find('blobs')).toBeNull()
})

it('a peer that sends what a part refuses is cut off', async () => {
  const internet = new SimInternet({ clock, random })
  const keys = newKeys()
  const ada = await start({ documents: [keys], internet })
  const ben = await start({ documents: [keys], internet })
  ada.document.peers.watch()
  await until(() => ada.document.peers.peers.length === 1)
  const loud: LowerPart = {
    ...blobsPart,
    keeping: blobsPart.keeping && {
      ...blobsPart.keeping,
      open: async (options) => {
        const blobs = new Blobs(options)
        blobs.connect = (port) => {
          port.send('blobs-held', Buffer.of(1))
          return { take: () => undefined, drained: () => undefined, close: () => undefined }
        }
        return blobs
      },
    },
  }
  const mallory = await start({ documents: [keys], internet, parts: [...lowerParts, loud] })
  await until(() => mallory.document.peers.peers.length === 0)
  await clock.advance(5_000)
  expect(mallory.document.peers.peers).toEqual([])
  expect([ada, ben].map(({ document }) => document.peers.peers.length)).toEqual([1, 1])
})

it('has a quota of its own, which ends with the document and leaves the text room', async () => {
  const internet = new SimInternet({ clock, random })
  const keys = newKeys()
  const ada = await start({ documents: [keys], internet })
  const ben = await start({ documents: [keys], internet })
  for (let n = 0; n < 6; n++) {
    await ada.blobs.add(random.bytes(60_000))
    await clock.advance(1_000)
  }
  expect(ben.blobs.isFull).toBe(true)
  expect(ben.blobs.held).toHaveLength(5)
  expect([ben.document.log.shortage, ben.document.quota.taken]).toEqual([null, 0])
  await ben.repo.drop(ben.document.id)
  const again = blobsOf(await ben.repo.keep(ben.document.id))
  expect([again.held.length, again.isFull]).toEqual([5, true])
})

it('counts for all documents together while the logs of some are closed', async () => {
  const internet = new SimInternet({ clock, random })
  const documents = [newKeys(), newKeys()]
  const [, other = expect.fail()] = documents
  const ada = await start({ documents, internet })
  const ben = await start({ documents, internet, rests: true })
  for (let n = 0; n < 5; n++) await ada.blobs.add(random.bytes(60_000))
  await until(() => ben.blobs.held.length === 5)
  await until(() => ben.repo.find(ben.document.id) === null)
  const more = blobsOf(await ben.repo.keep(hex(other.documentId)))
  const source = blobsOf(await ada.repo.keep(hex(other.documentId)))
  for (let n = 0; n < 3; n++) {
    await source.add(random.bytes(60_000))
    await clock.advance(1_000)
  }
  expect([more.held.length, more.isFull]).toEqual([2, true])
})

it('is deleted with the document, and only with that one', async () => {
  const [keys, other] = [newKeys(), newKeys()]
  const { repo, disk, blobs } = await start({ documents: [keys, other] })
  await blobs.add(Buffer.from('one'))
  await blobsOf(await repo.keep(hex(other.documentId))).add(Buffer.from('two'))
  expect(recordsOf(disk, 'B')).toHaveLength(2)
  await repo.forget(keys.documentId)
  expect(recordsOf(disk, 'B')).toHaveLength(1)
  expect(recordsOf(disk, 'B')[0]).toContain(Buffer.from(other.documentId).toString('latin1'))
})

it('goes into a backup, and out of it', async () => {
  const keys = newKeys()
  const [ada, ben] = [await start({ documents: [keys] }), await start({ documents: [keys] })]
  await ada.blobs.add(Buffer.from('one'))
  const records = await collect(ada.document.parts.records())
  expect(records).toEqual([{ part: 'blobs', bytes: Uint8Array.from(Buffer.from('one')) }])
  const restored = []
  for (const record of [...records, ...records, { part: 'pictures', bytes: Buffer.of(1) }])
    restored.push(await ben.document.parts.restore(record))
  expect(restored).toEqual(['added', 'known', 'refused'])
  expect(ben.blobs.held).toEqual(ada.blobs.held)
})

it('is looked through with the logs (S15)', async () => {
  const keys = newKeys()
  const { disk, blobs } = await start({ documents: [keys] })
  await blobs.add(Buffer.from('sound'))
  const [sound] = blobs.held
  await blobs.add(Buffer.from('damaged'))
  for (const name of recordsOf(disk, 'B')) {
    const value = disk.values.get(name) ?? expect.fail()
    if (Buffer.from(value).includes('damaged')) disk.values.set(name, Buffer.from('other'))
  }
  expect(blobs.held).toHaveLength(2)
  await until(() => blobs.held.length === 1)
  expect(blobs.held).toEqual([sound])
})

it('that cannot be opened leaves nothing of the document open', async () => {
  const keys = newKeys()
  let isBroken = true
  const closed: string[] = []
  const broken: LowerPart = {
    name: 'broken',
    ranges: () => [],
    keeping: blobsPart.keeping && {
      ...blobsPart.keeping,
      messages: [],
      open: async (options) => {
        if (isBroken) throw new SwarmpadError('STORE_DAMAGED', { part: 'database' })
        return new Blobs(options)
      },
    },
  }
  const noted: LowerPart = {
    ...blobsPart,
    keeping: blobsPart.keeping && {
      ...blobsPart.keeping,
      open: async (options) => {
        const blobs = new Blobs(options)
        blobs.close = async () => void closed.push('blobs')
        return blobs
      },
    },
  }
  const starting = start({ documents: [keys], parts: [noted, broken] })
  await expect(starting).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  expect(closed).toEqual(['blobs'])
  const [repo = expect.fail()] = open
  isBroken = false
  await repo.keep(hex(keys.documentId))
  await quiet()
  expect(repo.find(hex(keys.documentId))).not.toBeNull()
})
