import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../main/base/hex'
import { readJournal, textHash } from '../../main/document/journal-record'
import { QuarantineFile } from '../../main/document/quarantine-file'
import { Salvager } from '../../main/document/salvager'
import { keysFromWrite, makeManifest } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { Library } from '../../main/library/library'
import { readEntry } from '../../main/library/library-entry'
import { DocumentLog } from '../../main/log/document-log'
import { forkProofSize } from '../../main/log/format/fork'
import { sessionKey, sizeKey } from '../../main/log/format/store-keys'
import { SessionLog } from '../../main/log/session-log'
import { keyFileBytes, readKeyFile } from '../../main/profile/key-file'
import { ProfileStore } from '../../main/profile/profile-store'
import { Vault } from '../../main/profile/vault'
import { forgetDocument } from '../../main/repo/forget-document'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import { ReplicaRecords } from '../../main/sync/replicas/replica-records'
import { leftOutSentences } from '../../preload/messages/faults'
import { toText } from '../../preload/text'
import { answer, fuzz, fuzzSlowly, mutated, scaled } from '../support/fuzz'
import { HostileWriter } from '../support/hostile-writer'
import { InlineReplicas } from '../support/inline-replica'
import { ManualClock } from '../support/manual-clock'
import { randomFrom } from '../support/random'
import forkVector from '../vectors/fork.json'
import keyFiles from '../vectors/key-file.json'

const random = randomFrom(9)
const environment = { clock: new ManualClock(), random: (size: number) => random.bytes(size) }
const keys = keysFromWrite(fromHex(forkVector.write))
const { documentId } = keys
const key = Buffer.alloc(32, 9)
const vaultOf = (store: MemoryStore) => new Vault({ store, key, random: environment.random })

/** Everything that a store holds, to be put into another. */
function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk()
  for (const [name, value] of disk.values) copy.values.set(name, value)
  return copy
}

const nameOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('the file of the master key', () => {
  it('that was changed is damaged or of a later program, and never another key', () => {
    const sound = [keyFiles.file, keyFiles.declined, keyFiles.keyring, keyFiles.passphrase].map(fromHex)
    fuzz(5_000, mutated(sound), ({ bytes }) => {
      const file = answer(() => readKeyFile(bytes), 'STORE_DAMAGED', 'KEY_SEALED')
      if (file?.protection === 'file' && file.bare) expect(bytes.length).toBe(32)
      else expect(file !== null).toBe(sound.some((one) => bytes.equals(one)))
    })
    // With a hash that fits, as whoever can write the file could put there.
    fuzz(5_000, mutated(sound.map((one) => one.subarray(0, -32))), ({ bytes }) => {
      const whole = Buffer.concat([bytes, createHash('sha256').update(bytes).digest()])
      const file = answer(() => readKeyFile(whole), 'STORE_DAMAGED', 'KEY_SEALED')
      if (file && !(file.protection === 'file' && file.bare)) expect(hex(keyFileBytes(file))).toBe(hex(whole))
    })
  })
})

describe('records of a profile', () => {
  it('sealed ones that were changed are damaged (vault)', async () => {
    const disk = new MemoryDisk()
    const vault = vaultOf(new MemoryStore(disk))
    const id = Buffer.alloc(32, 1)
    await vault.write('document', id, { title: 'Zoë 🐝', list: [1, null, 'x'] })
    const [[name, sealed] = expect.fail()] = disk.values
    await fuzzSlowly(3_000, mutated([sealed]), async ({ bytes }) => {
      disk.values.set(name, bytes)
      const found = await vault.read('document', id).catch((error) => error.code)
      expect(found === 'STORE_DAMAGED').toBe(!bytes.equals(sealed))
    })
  })

  /** JSON that another program may have left in a record: fields of any kind, missing, or more of them. */
  const odd = (sound: object) => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(null, '', 'zz', 'ab'.repeat(32), -1, 2 ** 53, [], {}),
    )
    const fields = fc.dictionary(fc.constantFrom(...Object.keys(sound)), anything, { maxKeys: 3 })
    const lost = fc.subarray(Object.keys(sound), { maxLength: 2 })
    const changed = fc.tuple(fields, lost).map(([put, gone]) => {
      const record: Record<string, unknown> = { ...sound, ...put }
      for (const field of gone) delete record[field]
      return record
    })
    return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 1, arbitrary: fc.jsonValue() })
  }
  const entry = {
    role: 'write',
    secret: forkVector.write,
    verify: null,
    manifest: hex(makeManifest(keys)),
    title: 'A title',
    editedAt: 1,
    createdAt: 1,
    waiting: false,
    removedAt: null,
    dismissed: ['a'],
    quota: null,
    given: true,
    shared: false,
    successors: [
      {
        key: 'aa'.repeat(32),
        author: 'bb'.repeat(32),
        name: 'Ben',
        documentId: 'cc'.repeat(32),
        secret: null,
        own: {
          record: 'dd',
          posted: true,
          leaving: false,
          untold: [{ author: 'ee'.repeat(32), name: 'Cem' }],
        },
      },
    ],
  }

  it('library records of any form are read or left alone', () => {
    let taken = 0
    fuzz(4_000, odd(entry), (record) => {
      const found = readEntry(record, 0)
      if (!found) return
      taken++
      expect([found.keys.documentId.length, typeof found.title]).toEqual([32, 'string'])
    })
    expect(taken).toBeGreaterThan(200)
  })

  it('journals of any form are read or left alone, and what is read can be applied', () => {
    const text = 'a line 🐝\nanother line'
    const lastSeen = 'a 🐝 line'
    const entries = [
      { name: 'abcdefghijklmnop', times: 0, changes: [7, [2, 'x🐝', 'y'], 13] },
      { name: 'ABCDEFGH_-345678', times: 2, changes: [[0, 'start '], 25] },
    ]
    const states = { sound: 0, near: 0, none: 0 }
    const records = fc.tuple(
      odd({ base: textHash(text), since: [text.length], entries }),
      fc.array(odd(entries[0] ?? {}), { maxLength: 3 }),
      fc.boolean(),
      fc.oneof(fc.constant<unknown>(text), fc.jsonValue()),
    )
    fuzz(6_000, records, ([record, inner, changed, base]) => {
      const whole =
        changed && typeof record === 'object' && record !== null ? { ...record, entries: inner } : record
      const left = readJournal(whole, base, toText(lastSeen))
      states[left ? (left.isNear ? 'near' : 'sound') : 'none']++
      if (!left) return
      const applied = left.entries.reduce((before, { changes }) => changes.apply(before), left.text)
      const inserted = left.entries.reduce((sum, { changes }) => sum + changes.newLength - changes.length, 0)
      expect(applied.length - left.text.length).toBe(inserted)
    })
    expect(Math.min(...Object.values(states))).toBeGreaterThan(50)
  })

  it('a library with records of any form shows the others', async () => {
    await fuzzSlowly(300, odd(entry), async (record) => {
      const store = new MemoryStore()
      const vault = vaultOf(store)
      const other = keysFromWrite(Buffer.alloc(32, 5))
      const library = new Library({ vault, store, forgetLog: (id) => forgetDocument(store, id) })
      const { secret: _secret, role: _role, verify: _verify, ...rest } = entry
      await library.put({ ...rest, keys: other })
      await vault.write('document', Buffer.alloc(32, 0xee), record)
      const again = new Library({ vault, store, forgetLog: (id) => forgetDocument(store, id) })
      await again.open(0)
      expect(again.entry(hex(other.documentId)).title).toBe('A title')
      expect(again.damaged).toBe(readEntry(record, 0) ? 0 : 1)
    })
  })

  it('a profile’s own record of any form is read or damaged', async () => {
    const sound = {
      name: 'Ada',
      seed: '07'.repeat(32),
      knowsAddressIsSeen: true,
      offline: false,
      quota: null,
      network: { lan: true, bootstrap: [{ host: 'a', port: 1 }] },
    }
    let taken = 0
    await fuzzSlowly(1_000, odd(sound), async (record) => {
      const vault = vaultOf(new MemoryStore())
      await vault.write('profile', new Uint8Array(0), record)
      const profile = new ProfileStore(vault)
      const code = await profile.open({ name: '', random: environment.random, suspect: false }).then(
        () => 'read',
        (error) => error.code,
      )
      // A record of null is as good as none: the vault says so of both.
      expect(record === null ? 'read' : code).toMatch(/^(read|STORE_DAMAGED)$/)
      if (code !== 'read') return
      taken++
      expect(profile.record.identity.publicKey.length).toBe(32)
      expect(profile.record.network.bootstrap.every(({ port }) => typeof port === 'number')).toBe(true)
    })
    expect(taken).toBeGreaterThan(100)
  })
})

/** A log with two sessions of others, a proof of two histories, and one of this profile. */
async function filledDisk(): Promise<{ disk: MemoryDisk; sessions: string[] }> {
  const disk = new MemoryDisk()
  const store = new MemoryStore(disk)
  const log = new DocumentLog({ store, environment, documentId, verify: keys.verify })
  await log.open()
  const identity = identityFromSeed(Buffer.alloc(32, 4))
  const session = () => new SessionLog({ documentId, keys, identity, name: 'Ada', environment })
  const change = () => [{ bytes: random.bytes(50), hash: random.bytes(32) }]
  const own = session()
  for (let n = 0; n < 3; n++) await log.append(own, change())
  const others = [session(), session()]
  for (const other of others)
    for (let n = 0; n < 3; n++)
      expect(log.accept(other.seal(change()).bytes, n === 0 ? other.certificate : null)).toBe('accepted')
  await log.close()
  const sessions = [own, ...others].map(({ session: bytes }) => hex(bytes))
  const records = new ReplicaRecords(documentId, keys.presence ?? expect.fail())
  const holder = { key: random.bytes(32), isKeeper: true, author: new Uint8Array(0), name: 'Attic' }
  const signatures = { signature: random.bytes(64), vouched: random.bytes(64), approved: random.bytes(64) }
  const receipt = { session: hex(own.session), tip: 2, mark: random.bytes(16), at: 1, receivedAt: 2 }
  for (const { key: name, value } of [
    records.replica(holder, random.bytes(24)),
    records.receipt(holder.key, { ...receipt, ...signatures, instance: random.bytes(32) }),
    records.denial(holder.key, receipt.session, 3),
  ])
    disk.values.set(nameOf(name), value ?? expect.fail())
  disk.values.set(
    nameOf(sessionKey('fork', documentId, others[0]?.session ?? expect.fail())),
    Buffer.alloc(forkProofSize),
  )
  return { disk, sessions }
}

describe('records of a log', () => {
  it('changed ones: the log opens, says when it is damaged, and gives out nothing unsound (S15)', async () => {
    const { disk } = await filledDisk()
    const names = [...disk.values.keys()].sort()
    const values = names.map((name) => disk.values.get(name) ?? new Uint8Array(0))
    const sound = new Set(values.map(hex))
    const [opened, damaged] = [new Set<string>(), new Set<string>()]
    await fuzzSlowly(4_000, mutated(values), async ({ bytes, of }) => {
      const copy = copyOf(disk)
      const name = names[of] ?? ''
      copy.values.set(name, bytes)
      const store = new MemoryStore(copy)
      const log = new DocumentLog({ store, environment, documentId, verify: keys.verify })
      await log.open()
      ;(log.health.isDamaged ? damaged : opened).add(name[0] ?? '')
      const given = await read(log)
      // A shorter result is returned only if the log reports damage.
      if (given && given.length < 9) expect(log.health.isDamaged).toBe(true)
      for (const segment of given ?? [])
        if (!sound.has(hex(segment))) expectSignatureAlone(segment, bytes, values[of] ?? new Uint8Array(0))
      const holders = await new ReplicaRecords(documentId, keys.presence ?? expect.fail()).load(store)
      expect(holders.length).toBeLessThanOrEqual(1)
      // It goes on: what is written now is taken.
      const identity = identityFromSeed(Buffer.alloc(32, 4))
      const session = new SessionLog({ documentId, keys, identity, name: 'Ada', environment })
      const next = session.seal([{ bytes: Buffer.alloc(9), hash: Buffer.alloc(32) }])
      expect(['accepted', 'busy']).toContain(log.accept(next.bytes, session.certificate))
      await log.close()
    })
    // Of each kind of record some changes are harmless, or seen when the segments are read.
    expect([...opened].sort().join('')).toBe('acefgotyz')
    expect([...damaged].sort().join('')).toBe('c')
  })

  it('rows that are gone, swapped or doubled: the same', async () => {
    const { disk, sessions } = await filledDisk()
    const names = [...disk.values.keys()].sort()
    const place = fc.nat(names.length - 1)
    const outcomes = new Set<string>()
    await fuzzSlowly(
      1_000,
      fc.tuple(fc.constantFrom('gone', 'swapped', 'put over'), place, place),
      async ([way, a, b]) => {
        const copy = copyOf(disk)
        const [first, second] = [names[a] ?? '', names[b] ?? '']
        const touched = changeRows(copy.values, way, first, second)
        const log = new DocumentLog({
          store: new MemoryStore(copy),
          environment,
          documentId,
          verify: keys.verify,
        })
        await log.open()
        const given = await read(log)
        outcomes.add(log.health.isDamaged ? 'damaged' : given ? 'read' : 'unread')
        if (given && given.length < 9) expect(log.health.isDamaged).toBe(true)
        // Whatever row of certificates and segments is changed: what is read is all that was there, or nothing.
        const matters = touched.some((name) => 'cg'.includes(name[0] ?? ''))
        if (given && !matters) expect(given.length).toBe(9)
        expect([...log.vector.keys()].every((session) => sessions.includes(session))).toBe(true)
        await log.close()
      },
    )
    expect([...outcomes].sort()).toEqual(['damaged', 'read', 'unread'])
  })

  it('a size that no program has written is counted again (S14)', async () => {
    const { disk } = await filledDisk()
    for (const value of ['', '00', 'ff'.repeat(8), '7f'.repeat(8), '00'.repeat(9)]) {
      const copy = copyOf(disk)
      copy.values.set(nameOf(sizeKey(documentId)), fromHex(value))
      const log = new DocumentLog({
        store: new MemoryStore(copy),
        environment,
        documentId,
        verify: keys.verify,
      })
      await log.open()
      const identity = identityFromSeed(Buffer.alloc(32, 4))
      const session = new SessionLog({ documentId, keys, identity, name: 'Ada', environment })
      const { bytes } = session.seal([{ bytes: Buffer.alloc(9), hash: Buffer.alloc(32) }])
      expect(log.accept(bytes, session.certificate)).toBe('accepted')
      await log.close()
      expect(hex(copy.values.get(nameOf(sizeKey(documentId))) ?? new Uint8Array(0))).toMatch(/^0{12}/)
    }
  })
})

/** A signature is not checked again: of a segment, no other part can have changed unseen. */
function expectSignatureAlone(segment: Uint8Array, changed: Uint8Array, before: Uint8Array): void {
  expect(hex(changed)).toBe(hex(segment))
  expect(segment.length).toBe(before.length)
  expect(hex(segment.subarray(0, 138))).toBe(hex(before.subarray(0, 138)))
  expect(hex(segment.subarray(202))).toBe(hex(before.subarray(202)))
}

/** Deletes a row, swaps it with another, or puts the other's value over it. Returns the rows that this changes or copies. */
function changeRows(rows: Map<string, Uint8Array>, way: string, first: string, second: string): string[] {
  const [one, two] = [first, second].map((name) => rows.get(name) ?? new Uint8Array(0))
  if (way === 'gone') {
    rows.delete(first)
    return [first]
  }
  rows.set(first, two ?? new Uint8Array(0))
  if (way === 'swapped') rows.set(second, one ?? new Uint8Array(0))
  return hex(one ?? documentId) === hex(two ?? documentId) ? [] : [first, second]
}

/** All segments of a log; null when it says that it is damaged. */
async function read(log: DocumentLog): Promise<Uint8Array[] | null> {
  const all: Uint8Array[] = []
  try {
    for await (const { bytes } of log.all()) all.push(bytes)
    return all
  } catch (error) {
    expect(error).toMatchObject({ code: 'STORE_DAMAGED' })
    return null
  }
}

describe('a file of what was left out', () => {
  it('is JSON, whatever a session wrote and whoever wrote it', async () => {
    const replicas = new InlineReplicas(() => 0)
    const writer = new HostileWriter({ keys, environment })
    await writer.open()
    await writer.write('sound text')
    const values = mutated([Buffer.from('some text'), random.bytes(300)])
    for (const { bytes } of fc.sample(values, { seed: 1, numRuns: scaled(60) }))
      await writer.writeBytes(bytes)
    await writer.writeUnsound('unsound')
    await fuzzSlowly(
      40,
      fc.tuple(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 60 }), fc.option(fc.nat(20_000))),
      async ([title, seq, limit]) => {
        const file = new QuarantineFile({
          title,
          faults: [{ session: writer.id, seq, code: 'FOREIGN_ACTOR', why: title, lacksContent: false }],
          log: writer.log,
          authorOf: () => ({ authorKey: '', name: title, fingerprint: '' }),
          salvager: () =>
            new Salvager({
              contentKey: keys.content ?? expect.fail(),
              startReplica: replicas.start,
              clock: environment.clock,
            }),
          sentences: leftOutSentences,
          ...(limit === null ? {} : { limit }),
        })
        let text = ''
        for await (const piece of file) text += piece
        const { document, whole } = JSON.parse(text)
        expect([document, whole]).toEqual([title, file.whole])
        if (limit !== null) expect(text.length).toBeLessThan(limit + 2_000 + 12 * title.length)
      },
    )
    replicas.freeAll()
    await writer.close()
  })
})
