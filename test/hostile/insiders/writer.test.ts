import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../../main/base/hex'
import { nonceSize } from '../../../main/keys/seal'
import { keyPairFromSeed } from '../../../main/keys/signature'
import { hashCertificate } from '../../../main/log/format/certificate'
import { chainNext, chainStart, sealSegment } from '../../../main/log/format/segment'
import type { LoggedChange } from '../../../main/log/session-log'
import { readChangeHeader } from '../../../main/replica/change-header'
import { createHandle, encodeJoin, genesisChange, genesisOperations } from '../../../main/replica/genesis'
import type { SharedDocument } from '../../../main/workspace/shared-document'
import { asLogged, badCases } from '../../support/bad-changes'
import { badGivenCases } from '../../support/bad-given'
import { allEnded, expectAbsent, expectHeard, newSession, random, says, useStage, writing } from './insider'

const stage = useStage()

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
  const { documentId } = stage().writer
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

describe('a writer', () => {
  it('C3 S3 cannot write as another: a certificate that another author did not sign is refused', async () => {
    const session = newSession(stage().writer)
    const [segment] = writing(stage().writer, session, ['pretended '])
    // The author's key stands in the sealed part, so whatever is changed in it breaks the seal or a signature.
    const forged = Buffer.from(session.certificate)
    forged[200] = (forged[200] ?? 0) ^ 1
    const { peer } = await says(stage(), stage().writer, (port) => {
      for (let count = 0; count < 3; count++) {
        port.send('certificate', forged)
        port.send('segment', segment?.bytes ?? expect.fail())
      }
    })
    await stage().until('all ended', allEnded(peer))
    await expectAbsent(stage(), 'pretended')
  })

  it('S3 cannot add to the session of another: its signature is missing', async () => {
    const own = newSession(stage().writer)
    const others = newSession(stage().writer)
    const [first] = writing(stage().writer, others, ['sound '])
    const [stolen] = writing(stage().writer, own, ['stolen '])
    const bytes = Buffer.from(stolen?.bytes ?? expect.fail())
    const at = bytes.indexOf(Buffer.from(own.session))
    expect(at).toBeGreaterThanOrEqual(0)
    bytes.set(others.session, at)
    const { peer } = await says(stage(), stage().writer, (port) => {
      port.send('certificate', others.certificate)
      port.send('segment', first?.bytes ?? expect.fail())
      for (let count = 0; count < 3; count++) {
        port.send('certificate', others.certificate)
        port.send('segment', bytes)
      }
    })
    await stage().until('all ended', allEnded(peer))
    await expectAbsent(stage(), 'stolen')
  })

  it('W34 a gap is not read past: what comes behind it waits until it is filled', async () => {
    const session = newSession(stage().writer)
    const [first, second, third] = writing(stage().writer, session, ['gap-one ', 'gap-two ', 'gap-three '])
    const said = await says(stage(), stage().writer, (port) => {
      port.send('certificate', session.certificate)
      port.send('segment', first?.bytes ?? expect.fail())
      port.send('segment', third?.bytes ?? expect.fail())
    })
    await expectHeard(stage(), said)
    await stage().until('it is asked for', () =>
      said.peer.lines.some((line) => line.heard.some(({ type }) => type === 'want')),
    )
    expect(await stage().ada.text()).not.toContain('gap-three')
    for (const port of said.ports.values()) {
      port.send('segment', second?.bytes ?? expect.fail())
      port.send('segment', third?.bytes ?? expect.fail())
    }
    await stage().untilText((text) => text.includes('gap-three'))
  })

  it('S8 S12 two histories of one session are proven to everyone, and all have the same text', async () => {
    const seed = random.bytes(32)
    const [one, other] = [newSession(stage().writer, { seed }), newSession(stage().writer, { seed })]
    const [here] = writing(stage().writer, one, ['forked-one '])
    const [there] = writing(stage().writer, other, ['forked-two '])
    await says(stage(), stage().writer, (port) => {
      port.send('certificate', one.certificate)
      port.send('segment', here?.bytes ?? expect.fail())
      port.send('certificate', other.certificate)
      port.send('segment', there?.bytes ?? expect.fail())
    })
    const told = (document: SharedDocument) =>
      document.opened().status.leftOut.some(({ kind }) => kind === 'two-histories')
    await stage().until('both are told', () => told(stage().ada) && told(stage().ben))
    await stage().expectUnharmed()
  })

  it.each<[string, (actor: string) => LoggedChange]>([
    ['D2 bytes that are no change', () => noise()],
    ['D2 a change in its compressed form', (actor) => compressed(typed(actor, 'x'))],
    ['D2 a change of someone else', () => typed('ee'.repeat(32), 'x')],
    ['D2 a change under the number of another', (actor) => typed(actor, 'x', 'y')],
    ['D3 operations that are numbers at their extremes', (actor) => overwritten(typed(actor, 'x'))],
  ])('%s: left out, its author named, and nobody is ended for it', async (_, make) => {
    const before = stage().unreadable().length
    const session = newSession(stage().writer)
    const segment = session.seal([make(hex(session.session))])
    const said = await says(stage(), stage().writer, (port) => {
      port.send('certificate', session.certificate)
      port.send('segment', segment.bytes)
    })
    await expectHeard(stage(), said)
    await stage().until('it is reported', () => stage().unreadable().length === before + 1)
    expect(new Set(stage().unreadable())).toEqual(new Set(['Mallory']))
  })

  // All of them are judged in test/unit/replica/intake.test.ts. Here it takes a second to see that nobody is ended.
  const onText = badCases.filter(
    (bad) => ['D3', 'D4', 'D6'].includes(bad.rule) && !badGivenCases.includes(bad),
  )
  it.each([...onText, ...badGivenCases.filter((_, index) => index % 8 === 0)])(
    '$rule $name: left out, its author named, and nobody is ended for it',
    async ({ make }) => {
      const before = stage().unreadable().length
      const session = newSession(stage().writer)
      const { documentId } = stage().writer
      const other = typed('ab'.repeat(32), 'x').bytes
      const changes = make({ documentId, actor: hex(session.session), other })
      const segments = changes.map((bytes) => session.seal([asLogged(bytes)]))
      const said = await says(stage(), stage().writer, (port) => {
        port.send('certificate', session.certificate)
        for (const { bytes } of segments) port.send('segment', bytes)
      })
      await expectHeard(stage(), said)
      await stage().until('it is reported', () => stage().unreadable().length === before + 1)
    },
  )

  it('D2 more heads than one change may name: both go on writing, and all of it is saved', async () => {
    const { documentId } = stage().writer
    const { hash: first } = readChangeHeader(genesisChange(documentId))
    const said = await says(stage(), stage().writer, (port) => {
      for (let count = 0; count < 300; count++) {
        const session = newSession(stage().writer)
        const join = { actor: hex(session.session), seq: 1, startOp: genesisOperations + 1, time: 0 }
        port.send('certificate', session.certificate)
        port.send('segment', session.seal([asLogged(encodeJoin({ ...join, dependencies: [first] }))]).bytes)
      }
    })
    await expectHeard(stage(), said)
    for (const document of [stage().ada, stage().ben]) {
      await document.edit([{ from: 0, to: 0, insert: 'joined ' }])
      await document.saved()
    }
    await stage().untilText((text) => text.split('joined ').length > 2)
  })

  it('S6 what inflates to more than it says, and more than a segment may hold, is left out', async () => {
    const before = stage().unreadable().length
    const seed = random.bytes(32)
    const session = newSession(stage().writer, { seed })
    const hash = random.bytes(32)
    const prevChain = chainStart(
      stage().writer.documentId,
      session.session,
      hashCertificate(session.certificate),
    )
    const segment = sealSegment({
      documentId: stage().writer.documentId,
      content: stage().writer.content ?? expect.fail(),
      session: keyPairFromSeed(seed),
      seqFrom: 1,
      seqTo: 1,
      prevChain,
      chain: chainNext(prevChain, hash),
      packed: bomb(64 * 1024 * 1024),
      nonce: random.bytes(nonceSize),
    })
    expect(segment.bytes.length).toBeLessThan(128 * 1024)
    const said = await says(stage(), stage().writer, (port) => {
      port.send('certificate', session.certificate)
      port.send('segment', segment.bytes)
    })
    await expectHeard(stage(), said)
    await stage().until('it is reported', () => stage().unreadable().length === before + 1)
  })

  it('S1 W40 segments of another document are dropped here, the third time it is ended', async () => {
    const session = newSession(stage().foreign)
    const segments = writing(stage().foreign, session, ['foreign ', 'words ', 'here '])
    const { peer } = await says(stage(), stage().writer, (port) => {
      for (const segment of segments) {
        port.send('certificate', session.certificate)
        port.send('segment', segment.bytes)
      }
    })
    await stage().until('all ended', allEnded(peer))
    await expectAbsent(stage(), 'foreign')
  })

  it('W31 segments without a certificate are dropped, and it is still heard', async () => {
    const session = newSession(stage().writer)
    const [first] = writing(stage().writer, session, ['orphaned '])
    const said = await says(stage(), stage().writer, (port) => {
      for (let count = 0; count < 1_000; count++) port.send('segment', first?.bytes ?? expect.fail())
    })
    await expectHeard(stage(), said)
    await expectAbsent(stage(), 'orphaned')
  })

  it('W25 the same segment ten thousand times is taken once', async () => {
    const session = newSession(stage().writer)
    const [first] = writing(stage().writer, session, ['once and no more '])
    const said = await says(stage(), stage().writer, (port) => {
      port.send('certificate', session.certificate)
      for (let count = 0; count < 10_000; count++) port.send('segment', first?.bytes ?? expect.fail())
    })
    await stage().untilText((text) => text.includes('once and no more'))
    await stage().expectUnharmed()
    expect((await stage().ada.text()).split('once and no more').length).toBe(2)
    expect(said.peer.lines.filter((line) => line.opened).length).toBeGreaterThan(0)
  })
})
