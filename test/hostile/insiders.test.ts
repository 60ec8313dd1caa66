import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { ChangeSet } from '@codemirror/state'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import { fromHex, hex } from '../../main/base/hex'
import { type DocumentKeys, keysFromWrite } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { nonceSize } from '../../main/keys/seal'
import { keyPairFromSeed } from '../../main/keys/signature'
import { hashCertificate } from '../../main/log/format/certificate'
import { chainNext, chainStart, noMark, type Segment, sealSegment } from '../../main/log/format/segment'
import { type LoggedChange, SessionLog } from '../../main/log/session-log'
import { readChangeHeader } from '../../main/replica/change-header'
import { createHandle, encodeJoin, genesisChange, genesisOperations } from '../../main/replica/genesis'
import { Replica } from '../../main/replica/replica'
import { makePresence, sealPresence } from '../../main/sync/presence/presence'
import { makeReplicaProof } from '../../main/sync/replicas/replica-proof'
import { decodeAsk, encodeSigned, questionSize, signReceipt } from '../../main/sync/replicas/signed-receipt'
import type { Port } from '../../main/sync/wire/channel'
import { makeInstance } from '../../main/sync/wire/instance'
import { decodeReceipt, encodeReceipt } from '../../main/sync/wire/messages'
import { asLogged, badCases } from '../support/bad-changes'
import { randomFrom } from '../support/random'
import type { HostilePeer, Line } from './hostile-peer'
import { answers, ask, greet, Stage } from './stage'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterEach(async () => {
  await stage.expectUnharmed()
  await stage.rest()
})
afterAll(() => stage?.close())

const random = randomFrom(4)
const mallory = identityFromSeed(Buffer.alloc(32, 66))

const newSession = (keys: DocumentKeys, options: { seed?: Uint8Array; name?: string } = {}): SessionLog =>
  new SessionLog({
    documentId: keys.documentId,
    keys,
    identity: mallory,
    name: options.name ?? 'Mallory',
    environment: systemEnvironment,
    ...(options.seed ? { seed: options.seed } : {}),
  })

const noise = (): LoggedChange => ({ bytes: random.bytes(200), hash: random.bytes(32) })

/** So many zeros, packed as a segment's content of a mebibyte. */
function bomb(size: number): Buffer {
  const deflated = deflateRawSync(Buffer.alloc(size))
  const packed = Buffer.alloc(Math.ceil((8 + deflated.length) / 64) * 64)
  packed.writeUInt32LE(1024 * 1024, 0)
  packed.writeUInt32LE(deflated.length, 4)
  deflated.copy(packed, 8)
  return packed
}

/** The last of some changes that an actor makes by typing at the beginning of the text, each some words. */
function typed(actor: string, ...words: readonly string[]): LoggedChange {
  const { documentId } = stage.writer
  const handle = createHandle(actor)
  handle.applyChanges([genesisChange(documentId)])
  for (const word of words) {
    handle.splice(`1@${hex(documentId)}`, 0, 0, word)
    handle.commit(undefined, 0)
  }
  const bytes = handle.getLastLocalChange() ?? expect.fail()
  handle.free()
  return { bytes, hash: fromHex(readChangeHeader(bytes).hash) }
}

/** A change with other bytes and a checksum that fits them. */
function altered({ bytes }: LoggedChange, alter: (bytes: Buffer) => void): LoggedChange {
  const other = Buffer.from(bytes)
  alter(other)
  const hash = createHash('sha256').update(other.subarray(8)).digest()
  hash.copy(other, 4, 0, 4)
  return { bytes: other, hash }
}
const compressed = (change: LoggedChange) => altered(change, (bytes) => bytes.writeUInt8(2, 8))
/** Its operations are numbers at their extremes. */
const overwritten = (change: LoggedChange) => altered(change, (bytes) => bytes.fill(0x7e, bytes.length - 8))

/** Words that a session writes at the beginning of an empty text, change by change. */
function writing(keys: DocumentKeys, session: SessionLog, words: readonly string[]): Segment[] {
  const replica = new Replica({
    documentId: keys.documentId,
    contentKey: keys.content ?? expect.fail(),
    actor: hex(session.session),
    now: Date.now,
  })
  const segments = words.map((word) => {
    replica.edit(ChangeSet.of({ from: 0, insert: word }, replica.text.length))
    return session.seal(replica.commit())
  })
  replica.free()
  return segments
}

/** Says it on every line, with the keys of some role; the ports of those that are open. */
async function says(keys: DocumentKeys, what: (port: Port, line: Line) => void) {
  const ports = new Map<Line, Port>()
  const peer = await stage.attack((line) =>
    line.open(keys, (port) => {
      ports.set(line, port)
      greet(port)
      what(port, line)
    }),
  )
  return { peer, ports }
}

const allEnded = (peer: HostilePeer) => () => peer.lines.every((line) => line.ended)

/** Those who were told it still answer, so what was said was dropped, and nobody was ended for it. */
async function expectHeard({ peer, ports }: Awaited<ReturnType<typeof says>>): Promise<void> {
  await stage.until('a channel to each', () => ports.size >= 2)
  for (const [line, port] of ports) {
    const before = answers(line)
    ask(port)
    await stage.until('an answer', () => answers(line) > before)
  }
  expect(peer.lines.filter((line) => line.ended)).toEqual([])
}

/** Neither of the two has it in the text. */
async function expectAbsent(word: string): Promise<void> {
  await stage.expectUnharmed()
  expect(await stage.ada.text()).not.toContain(word)
  expect(await stage.ben.text()).not.toContain(word)
}

describe('a keeper', () => {
  it('W50 W53 makes up two hundred and forty readers: nobody is shown, and newcomers are seen as ever', async () => {
    const made = new Map<Line, number>()
    const { peer } = await says(stage.keeper, (port, line) => {
      line.keepOn(60, () => {
        made.set(line, (made.get(line) ?? 0) + 1)
        const instance = makeInstance(stage.keeper, 'read', random.bytes(32))
        port.send(
          'presence',
          makePresence({ instance, counter: 1, goodbye: false, sealed: random.bytes(120) }),
        )
      })
    })
    const seen = new Set<string>()
    const stop = stage.ada.on('people', ({ people }) => {
      for (const { name } of people) seen.add(name)
    })
    const full = () => [...made.values()].filter((count) => count > 260).length >= 2
    await stage.until('more than are remembered, on each', full)
    const cem = await stage.enter('Cem', 'write')
    await stage.until('Cem is seen', () => stage.people().includes('Cem'))
    const print = () => stage.ada.opened().people.find(({ name }) => name === 'Cem')?.fingerprint
    await stage.until('with his fingerprint', () => print() !== '' && print() !== undefined)
    await stage.until('he has the text', () => !cem.opened().status.loading && cem.opened().text.length > 9)
    cem.setSelection({ version: cem.version, anchor: 3, head: 3 })
    await stage.until('and his caret', () => stage.ada.opened().carets.length > 0)
    stop()
    expect([...seen].filter((name) => name !== 'Ben' && name !== 'Cem')).toEqual([])
    expect(stage.people().sort()).toEqual(['Ben', 'Cem'])
    expect(peer.lines.filter((line) => line.ended)).toEqual([])
  })

  it('W6 says that it reads: it is shown as no reader', async () => {
    const peer = await stage.attack((line) =>
      line.open(stage.keeper, greet, {
        instance: () => ({ ...makeInstance(stage.keeper, 'keep', random.bytes(32)), role: 'read' }),
      }),
    )
    await stage.until('it is there', () => stage.ada.opened().status.keepers.all === 1)
    expect(stage.people()).toEqual(['Ben'])
    expect(peer.lines.some((line) => line.ended)).toBe(false)
  })
})

describe('a reader', () => {
  it('C2 W40 cannot write: a session that nobody certified is dropped, the third time it is ended', async () => {
    // The best that it can sign with: a key of its own in the place of the one that it lacks.
    const keys = { ...stage.reader, sign: keysFromWrite(random.bytes(32)).sign }
    const session = newSession(keys as DocumentKeys)
    const segments = writing(stage.writer, session, ['smuggled one ', 'smuggled two ', 'smuggled three '])
    const { peer } = await says(stage.reader, (port) => {
      for (const segment of segments) {
        port.send('certificate', session.certificate)
        port.send('segment', segment.bytes)
      }
    })
    await stage.until('all ended', allEnded(peer))
    await expectAbsent('smuggled')
  })

  it('W6 cannot pass for a writer: without a warrant it is shown as a reader', async () => {
    const peer = await stage.attack((line) =>
      line.open(stage.reader, greet, {
        instance: () => ({
          ...makeInstance(stage.reader, 'read', random.bytes(32)),
          role: 'write',
          warrant: random.bytes(64),
        }),
      }),
    )
    await stage.until('it is seen', () => stage.people().includes('Mallory'))
    expect(stage.ada.opened().people.find(({ name }) => name === 'Mallory')?.role).toBe('read')
    expect(peer.lines.some((line) => line.ended)).toBe(false)
  })

  it('W50 W40 cannot speak for another: presence that its instance did not sign is dropped, then it is ended', async () => {
    const { peer } = await says(stage.reader, (port) => {
      const victim = makeInstance(stage.reader, 'read', random.bytes(32))
      const thief = makeInstance(stage.reader, 'read', random.bytes(32))
      const { publicKey } = victim.pair
      const presence = { name: 'Ada', author: null, caret: null }
      const key = stage.reader.presence ?? expect.fail()
      const sealed = sealPresence({
        key,
        instance: publicKey,
        presence,
        random: (size) => random.bytes(size),
      })
      const instance = { ...victim, pair: { publicKey, secretKey: thief.pair.secretKey } }
      for (let counter = 1; counter <= 3; counter++)
        port.send('presence', makePresence({ instance, counter, goodbye: false, sealed }))
    })
    await stage.until('all ended', allEnded(peer))
    expect(stage.people().filter((name) => name === 'Ada')).toEqual([])
  })

  it('W50 a flood of its own presence is dropped past its rate, and it is still heard', async () => {
    const said = await says(stage.reader, (port, line) => {
      const instance = makeInstance(stage.reader, 'read', random.bytes(32))
      const key = stage.reader.presence ?? expect.fail()
      let counter = 0
      line.keepOn(10, () => {
        for (let count = 0; count < 20; count++) {
          const presence = { name: 'Mallory', author: null, caret: null }
          const bytes = (size: number) => random.bytes(size)
          const sealed = sealPresence({ key, instance: instance.pair.publicKey, presence, random: bytes })
          port.send('presence', makePresence({ instance, counter: ++counter, goodbye: false, sealed }))
        }
      })
    })
    await expectHeard(said)
  })

  it('W38 W73 repeats what it is told, and signs for it: it is in sync with nobody', async () => {
    const holder = keyPairFromSeed(random.bytes(32))
    const bytes = (size: number) => random.bytes(size)
    let asked = 0
    const peer = await stage.attack((line) =>
      line.open(stage.reader, (port, instance) => {
        greet(port)
        port.send(
          'holder',
          makeReplicaProof({ replica: holder, name: '', keys: stage.reader, instance, random: bytes }),
        )
        const marks = new Map<string, { tip: number; mark: Uint8Array }>()
        let heard = 0
        line.keepOn(10, () => {
          for (; heard < line.heard.length; heard++) {
            const { type, body } = line.heard[heard] ?? expect.fail()
            if (['have', 'vector', 'receipt'].includes(type)) port.send(type, body)
            const page = type === 'vector' ? body.subarray(1) : type === 'receipt' ? body : null
            if (page) for (const [session, extent] of decodeReceipt(page)) marks.set(session, extent)
            if (type !== 'ask') continue
            asked++
            const { nonce, signed, spots } = decodeAsk(body)
            const tips = spots.map(({ session }) => marks.get(session)?.tip ?? 0)
            const receipts = spots.slice(0, signed).flatMap(({ session }) => {
              const known = marks.get(session)
              return known ? [signReceipt(instance, { session, ...known, at: Date.now() })] : []
            })
            const answer = { question: nonce.subarray(0, questionSize), proof: random.bytes(32) }
            port.send('signed', encodeSigned({ ...answer, tips, receipts }))
          }
        })
      }),
    )
    await stage.until('it is seen', () => stage.people().includes('Mallory'))
    await stage.expectUnharmed()
    await stage.until('it was asked', () => asked > 1)
    const told = () => stage.ada.opened().status
    await stage.until('Ben confirmed', () => told().inSyncWith >= 1 && !told().unshared)
    const seen = new Set<number>()
    const stop = stage.ada.on('status', ({ status }) => seen.add(status.inSyncWith))
    await stage.expectUnharmed()
    await stage.until('Ben confirmed again', () => told().inSyncWith >= 1)
    stop()
    expect(Math.max(...seen)).toBe(1)
    expect(stage.ada.opened().people.find(({ name }) => name === 'Mallory')?.hasMine).toBe(false)
    expect(told().holders.map(({ name }) => name)).not.toContain('Mallory')
    expect(peer.lines.some((line) => line.ended)).toBe(false)
  })

  it('W35 claims to hold more than there is: the two go on', async () => {
    const said = await says(stage.reader, (port) =>
      port.send(
        'receipt',
        encodeReceipt(
          Array.from(
            { length: 1_000 },
            () => [hex(random.bytes(32)), { base: 0, tip: 1_000_000, mark: noMark }] as const,
          ),
        ),
      ),
    )
    await expectHeard(said)
  })
})

describe('a writer', () => {
  it('C3 S3 cannot write as another: a certificate that another author did not sign is refused', async () => {
    const session = newSession(stage.writer)
    const [segment] = writing(stage.writer, session, ['pretended '])
    // The author's key stands in the sealed part, so whatever is changed in it breaks the seal or a signature.
    const forged = Buffer.from(session.certificate)
    forged[200] = (forged[200] ?? 0) ^ 1
    const { peer } = await says(stage.writer, (port) => {
      for (let count = 0; count < 3; count++) {
        port.send('certificate', forged)
        port.send('segment', segment?.bytes ?? expect.fail())
      }
    })
    await stage.until('all ended', allEnded(peer))
    await expectAbsent('pretended')
  })

  it('S3 cannot add to the session of another: its signature is missing', async () => {
    const own = newSession(stage.writer)
    const others = newSession(stage.writer)
    const [first] = writing(stage.writer, others, ['sound '])
    const [stolen] = writing(stage.writer, own, ['stolen '])
    const bytes = Buffer.from(stolen?.bytes ?? expect.fail())
    const at = bytes.indexOf(Buffer.from(own.session))
    expect(at).toBeGreaterThanOrEqual(0)
    bytes.set(others.session, at)
    const { peer } = await says(stage.writer, (port) => {
      port.send('certificate', others.certificate)
      port.send('segment', first?.bytes ?? expect.fail())
      for (let count = 0; count < 3; count++) {
        port.send('certificate', others.certificate)
        port.send('segment', bytes)
      }
    })
    await stage.until('all ended', allEnded(peer))
    await expectAbsent('stolen')
  })

  it('W34 a gap is not read past: what comes behind it waits until it is filled', async () => {
    const session = newSession(stage.writer)
    const [first, second, third] = writing(stage.writer, session, ['gap-one ', 'gap-two ', 'gap-three '])
    const said = await says(stage.writer, (port) => {
      port.send('certificate', session.certificate)
      port.send('segment', first?.bytes ?? expect.fail())
      port.send('segment', third?.bytes ?? expect.fail())
    })
    await expectHeard(said)
    await stage.until('it is asked for', () =>
      said.peer.lines.some((line) => line.heard.some(({ type }) => type === 'want')),
    )
    expect(await stage.ada.text()).not.toContain('gap-three')
    for (const port of said.ports.values()) {
      port.send('segment', second?.bytes ?? expect.fail())
      port.send('segment', third?.bytes ?? expect.fail())
    }
    await stage.untilText((text) => text.includes('gap-three'))
  })

  it('S8 S12 two histories of one session are proven to everyone, and all have the same text', async () => {
    const seed = random.bytes(32)
    const [one, other] = [newSession(stage.writer, { seed }), newSession(stage.writer, { seed })]
    const [here] = writing(stage.writer, one, ['forked-one '])
    const [there] = writing(stage.writer, other, ['forked-two '])
    await says(stage.writer, (port) => {
      port.send('certificate', one.certificate)
      port.send('segment', here?.bytes ?? expect.fail())
      port.send('certificate', other.certificate)
      port.send('segment', there?.bytes ?? expect.fail())
    })
    const told = (document: typeof stage.ada) =>
      document.opened().status.leftOut.some(({ kind }) => kind === 'two-histories')
    await stage.until('both are told', () => told(stage.ada) && told(stage.ben))
    await stage.expectUnharmed()
  })

  it.each<[string, (actor: string) => LoggedChange]>([
    ['D2 bytes that are no change', () => noise()],
    ['D2 a change in its compressed form', (actor) => compressed(typed(actor, 'x'))],
    ['D2 a change of someone else', () => typed('ee'.repeat(32), 'x')],
    ['D2 a change under the number of another', (actor) => typed(actor, 'x', 'y')],
    ['D3 operations that are numbers at their extremes', (actor) => overwritten(typed(actor, 'x'))],
  ])('%s: left out, its author named, and nobody is ended for it', async (_, make) => {
    const before = stage.unreadable().length
    const session = newSession(stage.writer)
    const segment = session.seal([make(hex(session.session))])
    const said = await says(stage.writer, (port) => {
      port.send('certificate', session.certificate)
      port.send('segment', segment.bytes)
    })
    await expectHeard(said)
    await stage.until('it is told', () => stage.unreadable().length === before + 1)
    expect(new Set(stage.unreadable())).toEqual(new Set(['Mallory']))
  })

  it.each(badCases.filter(({ rule }) => ['D3', 'D4', 'D6'].includes(rule)))(
    '$rule $name: left out, its author named, and nobody is ended for it',
    async ({ make }) => {
      const before = stage.unreadable().length
      const session = newSession(stage.writer)
      const { documentId } = stage.writer
      const other = typed('ab'.repeat(32), 'x').bytes
      const changes = make({ documentId, actor: hex(session.session), other })
      const segments = changes.map((bytes) => session.seal([asLogged(bytes)]))
      const said = await says(stage.writer, (port) => {
        port.send('certificate', session.certificate)
        for (const { bytes } of segments) port.send('segment', bytes)
      })
      await expectHeard(said)
      await stage.until('it is told', () => stage.unreadable().length === before + 1)
    },
  )

  it('D2 more heads than one change may name: both go on writing, and all of it is saved', async () => {
    const { documentId } = stage.writer
    const { hash: first } = readChangeHeader(genesisChange(documentId))
    const said = await says(stage.writer, (port) => {
      for (let count = 0; count < 300; count++) {
        const session = newSession(stage.writer)
        const join = { actor: hex(session.session), seq: 1, startOp: genesisOperations + 1, time: 0 }
        port.send('certificate', session.certificate)
        port.send('segment', session.seal([asLogged(encodeJoin({ ...join, dependencies: [first] }))]).bytes)
      }
    })
    await expectHeard(said)
    for (const document of [stage.ada, stage.ben]) {
      await document.edit([{ from: 0, to: 0, insert: 'joined ' }])
      await document.saved()
    }
    await stage.untilText((text) => text.split('joined ').length > 2)
  })

  it('S6 what inflates to more than it says, and more than a segment may hold, is left out', async () => {
    const before = stage.unreadable().length
    const seed = random.bytes(32)
    const session = newSession(stage.writer, { seed })
    const hash = random.bytes(32)
    const prevChain = chainStart(
      stage.writer.documentId,
      session.session,
      hashCertificate(session.certificate),
    )
    const segment = sealSegment({
      documentId: stage.writer.documentId,
      content: stage.writer.content ?? expect.fail(),
      session: keyPairFromSeed(seed),
      seqFrom: 1,
      seqTo: 1,
      prevChain,
      chain: chainNext(prevChain, hash),
      packed: bomb(64 * 1024 * 1024),
      nonce: random.bytes(nonceSize),
    })
    expect(segment.bytes.length).toBeLessThan(128 * 1024)
    const said = await says(stage.writer, (port) => {
      port.send('certificate', session.certificate)
      port.send('segment', segment.bytes)
    })
    await expectHeard(said)
    await stage.until('it is told', () => stage.unreadable().length === before + 1)
  })

  it('S1 W40 segments of another document are dropped here, the third time it is ended', async () => {
    const session = newSession(stage.foreign)
    const segments = writing(stage.foreign, session, ['foreign ', 'words ', 'here '])
    const { peer } = await says(stage.writer, (port) => {
      for (const segment of segments) {
        port.send('certificate', session.certificate)
        port.send('segment', segment.bytes)
      }
    })
    await stage.until('all ended', allEnded(peer))
    await expectAbsent('foreign')
  })

  it('W31 segments without a certificate are dropped, and it is still heard', async () => {
    const session = newSession(stage.writer)
    const [first] = writing(stage.writer, session, ['orphaned '])
    const said = await says(stage.writer, (port) => {
      for (let count = 0; count < 1_000; count++) port.send('segment', first?.bytes ?? expect.fail())
    })
    await expectHeard(said)
    await expectAbsent('orphaned')
  })

  it('W25 the same segment ten thousand times is taken once', async () => {
    const session = newSession(stage.writer)
    const [first] = writing(stage.writer, session, ['once and no more '])
    const said = await says(stage.writer, (port) => {
      port.send('certificate', session.certificate)
      for (let count = 0; count < 10_000; count++) port.send('segment', first?.bytes ?? expect.fail())
    })
    await stage.untilText((text) => text.includes('once and no more'))
    await stage.expectUnharmed()
    expect((await stage.ada.text()).split('once and no more').length).toBe(2)
    expect(said.peer.lines.filter((line) => line.opened).length).toBeGreaterThan(0)
  })
})
