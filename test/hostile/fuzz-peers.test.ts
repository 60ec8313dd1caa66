import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { hex } from '../../main/base/hex'
import { keysFromRead } from '../../main/keys/derive'
import { makeForkProof } from '../../main/log/format/fork'
import { noMark } from '../../main/log/format/segment'
import type { SessionLog } from '../../main/log/session-log'
import { encodeAsk, encodeSigned, signReceipt } from '../../main/sync/replicas/signed-receipt'
import { makeInstance } from '../../main/sync/wire/instance'
import {
  encodeCredit,
  encodeFetch,
  encodeFull,
  encodeOffer,
  encodePart,
  encodeReceipt,
  encodeRelay,
  encodeVector,
  encodeWant,
  type MessageType,
  messageTypes,
} from '../../main/sync/wire/messages'
import { answer, fuzzSlowly, mutated } from '../support/fuzz'
import { quiet } from '../support/manual-clock'
import { unplaced } from '../support/sim-network'
import { Mallory } from '../unit/sync/mallory'
import { type Site, World } from '../unit/sync/world'

const unforeseen: unknown[] = []
const note = (error: unknown) => unforeseen.push(error)
process.on('uncaughtException', note)
process.on('unhandledRejection', note)
afterEach(() => {
  expect(unforeseen).toEqual([])
})

/** Two who write together, and what a third says soundly: bodies of all messages, and segments that nobody has. */
async function meeting() {
  const world = new World(77)
  const alice = await world.site('Alice')
  const bob = await world.site('Bob')
  world.connect(alice, bob)
  await alice.write(6, 300)
  await bob.write(3, 2_000)
  await world.converge([alice, bob])
  const listener = new Mallory(alice, world.keys)
  await world.until(() => listener.all('have').length > 0, 'HAVE')
  listener.vector()
  const own = alice.newSession()
  for (const session of alice.log.vector.keys()) listener.send('want', encodeWant({ session, after: 0 }))
  await world.until(() => listener.all('segment').length >= 9, 'all segments')
  alice.peers.setPresence({ name: 'Alice', identity: null, caret: Buffer.from('1@ab') })
  await world.clock.advance(1_000)
  await alice.write(1)
  await world.until(() => listener.all('receipt').length > 0, 'a receipt')
  const change = () => [{ bytes: world.random.bytes(200), hash: world.random.bytes(32) }]
  const fresh = [1, 2, 3].map(() => own.seal(change()).bytes)
  const twins = [1, 2].map(() => alice.newSession(world.keys, Buffer.alloc(32, 1)).seal(change()).tipProof)
  const sessions = [...alice.log.vector.keys(), hex(own.session)]
  const bodies = new Map<MessageType, Uint8Array[]>()
  for (const type of messageTypes) bodies.set(type, listener.all(type))
  const add = (type: MessageType, ...more: Uint8Array[]) =>
    bodies.set(type, [...(bodies.get(type) ?? []), ...more])
  const entry = (session: string, tip: number) => [session, { base: 0, tip, mark: noMark }] as const
  add('segment', ...fresh)
  add('certificate', own.certificate)
  add('fork', makeForkProof(twins[0] ?? expect.fail(), twins[1] ?? expect.fail()))
  add('want', ...sessions.map((session) => encodeWant({ session, after: 1 })))
  add('enough', ...sessions.map((session) => Buffer.from(session, 'hex')))
  add('credit', encodeCredit(131_072), encodeCredit(1))
  add('vector', encodeVector({ last: true, entries: sessions.map((session) => entry(session, 9)) }))
  add('receipt', encodeReceipt(sessions.map((session) => entry(session, 3))))
  add('relay', encodeRelay(world.random.bytes(32)), encodeRelay(null))
  const id = world.random.bytes(32)
  add('offer', encodeOffer({ id, size: 300_000, changes: 2_000 }), encodeOffer(null))
  add('fetch', encodeFetch({ id, index: 1 }))
  const signer = makeInstance(world.keys, 'write', Buffer.alloc(32, 2))
  const receipt = { session: sessions[0] ?? expect.fail(), tip: 1, mark: noMark, at: 1 }
  const spots = sessions.slice(0, 2).map((session) => ({ session, from: 1, tip: 2 }))
  add('ask', encodeAsk({ nonce: world.random.bytes(32), signed: 1, spots }))
  const answer = { question: world.random.bytes(8), proof: world.random.bytes(32), tips: [1, 0] }
  add('signed', encodeSigned({ ...answer, receipts: [signReceipt(signer, receipt)] }))
  add('full', encodeFull(true), encodeFull(false))
  add('rest', world.random.bytes(32))
  add('part', encodePart({ index: 0, bytes: world.random.bytes(1_000) }))
  for (const [type, some] of bodies) expect(some.length, type).toBeGreaterThan(0)
  listener.stream.destroy()
  await quiet()
  return { world, alice, bob, own, fresh, bodies }
}

/** Digest of a site's state, which must not change; only sound segments may be added to the new session. */
async function held(site: Site, own: SessionLog, fresh: readonly Uint8Array[]): Promise<string> {
  const added: string[] = []
  for await (const { bytes } of site.log.segments(hex(own.session), 0)) added.push(hex(bytes))
  expect(added).toEqual(fresh.slice(0, added.length).map(hex))
  const others = [...site.log.vector].filter(([session]) => session !== hex(own.session))
  return JSON.stringify(others.map(([session, { tip, mark }]) => [session, tip, hex(mark)]).sort())
}

/** Alice and Bob still write together. */
async function goesOn(world: World, alice: Site, bob: Site): Promise<void> {
  await alice.write(1)
  await bob.write(1)
  await world.converge([alice, bob])
  expect([alice.peer(bob)?.coversAll, bob.peer(alice)?.coversAll]).toEqual([true, true])
}

describe('a peer that shares the document', () => {
  it('says changed messages: they are ignored, or its connection ends, and nothing else', async () => {
    const { world, alice, bob, own, fresh, bodies } = await meeting()
    const before = await held(alice, own, fresh)
    const reader = keysFromRead(world.keys.read ?? expect.fail())
    const message = fc.constantFrom(...messageTypes).chain((type) =>
      fc.tuple(
        fc.constantFrom(type, type, type, ...messageTypes),
        mutated(bodies.get(type) ?? []),
        // Now and then the sound form of another, so that it goes on to a state where the next one counts.
        fc.option(fc.constantFrom(...messageTypes)),
      ),
    )
    const cases = fc.tuple(fc.boolean(), fc.array(message, { minLength: 1, maxLength: 4 }))
    const ends = { borne: 0, ended: 0 }
    await fuzzSlowly(3_000, cases, async ([isWriter, said]) => {
      const mallory = new Mallory(alice, isWriter ? world.keys : reader)
      await world.until(() => mallory.all('have').length > 0 || mallory.closed, 'HAVE')
      for (const [type, { bytes }, sound] of said) {
        mallory.send(type, bytes)
        if (sound) mallory.send(sound, bodies.get(sound)?.[0] ?? bytes)
      }
      await quiet(6)
      ends[mallory.closed ? 'ended' : 'borne']++
      mallory.stream.destroy()
      await quiet(2)
      expect(await held(alice, own, fresh)).toBe(before)
      expect(alice.peer(bob)?.connected).toBe(true)
    })
    expect(ends.borne).toBeGreaterThan(200)
    expect(ends.ended).toBeGreaterThan(200)
    await goesOn(world, alice, bob)
  })

  it('sends changed frames: the same', async () => {
    const { world, alice, bob, own, fresh, bodies } = await meeting()
    const before = await held(alice, own, fresh)
    const frames: Uint8Array[] = []
    const recorder = new Mallory(alice, world.keys)
    const { stream } = recorder
    const write = stream.write.bind(stream)
    stream.write = (data: Uint8Array) => {
      frames.push(Uint8Array.from(data))
      return write(data)
    }
    await world.until(() => recorder.all('have').length > 0, 'HAVE')
    for (const [type, [body]] of bodies) if (body) recorder.send(type, body)
    recorder.port.together(() => {
      for (const [type, [body]] of bodies) if (body) recorder.send(type, body)
    })
    recorder.port.close()
    stream.destroy()
    await quiet()
    // Openings and closings of channels, refusals, batches in batches: control messages of Protomux.
    frames.push(
      Buffer.from('0001020573776172fd0002', 'hex'),
      Buffer.from('000201', 'hex'),
      Buffer.from('000301', 'hex'),
    )
    frames.push(Buffer.from('00000102000003000000', 'hex'), Buffer.from('000000', 'hex'))
    expect(frames.length).toBeGreaterThan(10)
    const ends = { borne: 0, ended: 0 }
    await fuzzSlowly(3_000, fc.array(mutated(frames), { minLength: 1, maxLength: 4 }), async (said) => {
      const mallory = new Mallory(alice, world.keys)
      await world.until(() => mallory.all('have').length > 0, 'HAVE')
      for (const { bytes } of said) if (!mallory.stream.destroying) mallory.stream.write(bytes)
      await quiet(6)
      ends[mallory.closed ? 'ended' : 'borne']++
      mallory.stream.destroy()
      await quiet(2)
      expect(await held(alice, own, fresh)).toBe(before)
      expect(alice.peer(bob)?.connected).toBe(true)
    })
    expect(ends.borne).toBeGreaterThan(200)
    expect(ends.ended).toBeGreaterThan(200)
    await goesOn(world, alice, bob)
  })

  it('offers changed segments: none is taken, and those who pass on what is sound are not blamed', async () => {
    const { world, alice, bob, own, fresh, bodies } = await meeting()
    const sound = [...(bodies.get('segment') ?? []), ...fresh]
    let taken = 0
    const cases = fc.tuple(mutated(sound), fc.boolean())
    await fuzzSlowly(4_000, cases, async ([{ bytes }, certified]) => {
      const verdict = answer(
        () => alice.log.accept(bytes, certified ? own.certificate : null),
        'MALFORMED',
        'MISBEHAVED',
      )
      if (verdict === 'accepted') taken++
      const isSound = sound.some((one) => bytes.equals(one))
      if (!isSound) expect(['invalid', 'unknown-session']).toContain(verdict)
    })
    expect(taken).toBeLessThanOrEqual(fresh.length)
    await quiet()
    await held(alice, own, fresh)
    await goesOn(world, alice, bob)
  })
})

describe('a stranger on the connection', () => {
  it('says changed hellos: they are refused', async () => {
    const { world, alice, bob } = await meeting()
    const hellos: Uint8Array[] = []
    for (let n = 0; n < 3; n++) hellos.push(alice.peers.hello({ ...stranger(world), isInitiator: n > 0 }))
    await fuzzSlowly(400, mutated(hellos), async ({ bytes }) => {
      const mallory = new Mallory(alice, world.keys, { hello: bytes.subarray(0, 900) })
      await quiet(8)
      expect([mallory.heard.length, alice.peers.peers.length]).toEqual([0, 1])
      mallory.stream.destroy()
      await quiet(2)
    })
    await goesOn(world, alice, bob)
  })
})

const stranger = (world: World) => ({
  stream: new World().random as never,
  remotePublicKey: world.random.bytes(32),
  handshakeHash: world.random.bytes(64),
  ...unplaced,
})
