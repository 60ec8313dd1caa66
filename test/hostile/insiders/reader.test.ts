import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import { keyPairFromSeed } from '../../../main/keys/signature'
import { noMark } from '../../../main/log/format/segment'
import { makePresence, sealPresence } from '../../../main/sync/presence/presence'
import { makeReplicaProof } from '../../../main/sync/replicas/replica-proof'
import {
  decodeAsk,
  encodeSigned,
  questionSize,
  signReceipt,
} from '../../../main/sync/replicas/signed-receipt'
import type { Port } from '../../../main/sync/wire/channel'
import { makeInstance } from '../../../main/sync/wire/instance'
import { decodeReceipt, encodeReceipt } from '../../../main/sync/wire/messages'
import type { Line } from '../hostile-peer'
import { greet } from '../stage'
import { allEnded, expectAbsent, expectHeard, newSession, random, says, useStage, writing } from './insider'

const stage = useStage()

/** Repeats what it hears, and signs for it when it is asked, with a proof that is made up. */
class Parrot {
  asked = 0
  private readonly marks = new Map<string, { tip: number; mark: Uint8Array }>()
  private readonly port: Port
  private readonly instance: ReturnType<typeof makeInstance>

  constructor(port: Port, instance: ReturnType<typeof makeInstance>) {
    this.port = port
    this.instance = instance
  }

  hear({ type, body }: Line['heard'][number]): void {
    if (type === 'have' || type === 'vector' || type === 'receipt') this.port.send(type, body)
    if (type === 'vector') this.remember(body.subarray(1))
    if (type === 'receipt') this.remember(body)
    if (type === 'ask') this.sign(body)
  }

  private remember(page: Uint8Array): void {
    for (const [session, extent] of decodeReceipt(page)) this.marks.set(session, extent)
  }

  private sign(question: Uint8Array): void {
    this.asked++
    const { nonce, signed, spots } = decodeAsk(question)
    const tips = spots.map(({ session }) => this.marks.get(session)?.tip ?? 0)
    const receipts = spots.slice(0, signed).flatMap(({ session }) => {
      const known = this.marks.get(session)
      return known ? [signReceipt(this.instance, { session, ...known, at: Date.now() })] : []
    })
    const answer = { question: nonce.subarray(0, questionSize), proof: random.bytes(32) }
    this.port.send('signed', encodeSigned({ ...answer, tips, receipts }))
  }
}

describe('a reader', () => {
  it('C2 W40 cannot write: a session that nobody certified is dropped, the third time it is ended', async () => {
    // The best that it can sign with: a key of its own in the place of the one that it lacks.
    const keys = { ...stage().reader, sign: keysFromWrite(random.bytes(32)).sign }
    const session = newSession(keys as DocumentKeys)
    const segments = writing(stage().writer, session, ['smuggled one ', 'smuggled two ', 'smuggled three '])
    const { peer } = await says(stage(), stage().reader, (port) => {
      for (const segment of segments) {
        port.send('certificate', session.certificate)
        port.send('segment', segment.bytes)
      }
    })
    await stage().until('all ended', allEnded(peer))
    await expectAbsent(stage(), 'smuggled')
  })

  it('W6 cannot pass for a writer: without a warrant it is shown as a reader', async () => {
    const peer = await stage().attack((line) =>
      line.open(stage().reader, greet, {
        instance: () => ({
          ...makeInstance(stage().reader, 'read', random.bytes(32)),
          role: 'write',
          warrant: random.bytes(64),
        }),
      }),
    )
    await stage().until('it is seen', () => stage().people().includes('Mallory'))
    expect(
      stage()
        .ada.opened()
        .people.find(({ name }) => name === 'Mallory')?.role,
    ).toBe('read')
    expect(peer.lines.some((line) => line.ended)).toBe(false)
  })

  it('W50 W40 cannot speak for another: presence that its instance did not sign is dropped, then it is ended', async () => {
    const { peer } = await says(stage(), stage().reader, (port) => {
      const victim = makeInstance(stage().reader, 'read', random.bytes(32))
      const thief = makeInstance(stage().reader, 'read', random.bytes(32))
      const { publicKey } = victim.pair
      const presence = { name: 'Ada', author: null, caret: null }
      const key = stage().reader.presence ?? expect.fail()
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
    await stage().until('all ended', allEnded(peer))
    expect(
      stage()
        .people()
        .filter((name) => name === 'Ada'),
    ).toEqual([])
  })

  it('W50 a flood of its own presence is dropped past its rate, and it is still heard', async () => {
    const said = await says(stage(), stage().reader, (port, line) => {
      const instance = makeInstance(stage().reader, 'read', random.bytes(32))
      const key = stage().reader.presence ?? expect.fail()
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
    await expectHeard(stage(), said)
  })

  it('W38 W73 that repeats and signs what others say is in sync with nobody', async () => {
    const holder = keyPairFromSeed(random.bytes(32))
    const bytes = (size: number) => random.bytes(size)
    const parrots: Parrot[] = []
    const peer = await stage().attack((line) =>
      line.open(stage().reader, (port, instance) => {
        greet(port)
        port.send(
          'holder',
          makeReplicaProof({ replica: holder, name: '', keys: stage().reader, instance, random: bytes }),
        )
        const parrot = new Parrot(port, instance)
        parrots.push(parrot)
        let heard = 0
        line.keepOn(10, () => {
          for (; heard < line.heard.length; heard++) parrot.hear(line.heard[heard] ?? expect.fail())
        })
      }),
    )
    await stage().until('it is seen', () => stage().people().includes('Mallory'))
    await stage().expectUnharmed()
    await stage().until('it was asked', () => parrots.reduce((sum, { asked }) => sum + asked, 0) > 1)
    const told = () => stage().ada.opened().status
    await stage().until('Ben confirmed', () => told().inSyncWith >= 1 && !told().unshared)
    const seen = new Set<number>()
    const stop = stage().ada.on('status', () => seen.add(stage().ada.opened().status.inSyncWith))
    await stage().expectUnharmed()
    await stage().until('Ben confirmed again', () => told().inSyncWith >= 1)
    stop()
    expect(Math.max(...seen)).toBe(1)
    expect(
      stage()
        .ada.opened()
        .people.find(({ name }) => name === 'Mallory')?.hasMine,
    ).toBe(false)
    expect(told().holders.map(({ name }) => name)).not.toContain('Mallory')
    expect(peer.lines.some((line) => line.ended)).toBe(false)
  })

  it('W35 claims to hold more than there is: the two go on', async () => {
    const said = await says(stage(), stage().reader, (port) =>
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
    await expectHeard(stage(), said)
  })
})
