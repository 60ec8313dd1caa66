import { ChangeSet } from '@codemirror/state'
import { beforeEach, describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { RemoteCarets } from '../../../main/document/remote-carets'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { SessionLog } from '../../../main/log/session-log'
import type { SealedSegment } from '../../../main/replica/intake'
import { Replica } from '../../../main/replica/replica'
import type { AskedCaret, FoundCaret } from '../../../main/replica/replica-protocol'
import { ManualClock } from '../../support/manual-clock'
import { type Random, randomFrom } from '../../support/random'

const soak = process.env.SWARMPAD_SOAK === '1'
const keys = keysFromWrite(Buffer.alloc(32, 7))
const { documentId } = keys
const contentKey = keys.content ?? expect.fail()

/** A person with a replica, and what it has sealed. */
class Writer {
  readonly replica: Replica
  readonly sealed: SealedSegment[] = []
  private readonly session: SessionLog
  private readonly seen = new Map<Writer, number>()

  constructor(number: number, random: Random) {
    const environment = { clock: new ManualClock(), random: (size: number) => random.bytes(size) }
    const identity = identityFromSeed(Buffer.alloc(32, number))
    this.session = new SessionLog({ documentId, keys, identity, name: `writer ${number}`, environment })
    this.replica = new Replica({ documentId, contentKey, actor: hex(this.session.session), now: () => 0 })
  }

  /** Inserts, deletes or replaces a few letters somewhere; returns the change. */
  edit(random: Random): ChangeSet {
    const { length } = this.replica.text
    const from = random.below(length + 1)
    const to = random.chance(0.5) ? from : Math.min(length, from + random.below(5))
    const insert = to > from && random.chance(0.5) ? '' : 'abc'.slice(random.below(3))
    const changes = ChangeSet.of({ from, to, insert }, length, '\n')
    this.replica.edit(changes)
    this.seal()
    return changes
  }

  /** Receives what another writer has sealed; returns the effect on the text. */
  receive(other: Writer): ChangeSet | null {
    const fresh = other.sealed.slice(this.seen.get(other) ?? 0)
    this.seen.set(other, other.sealed.length)
    return fresh.length > 0 ? this.replica.receive(fresh).changes : null
  }

  private seal(): void {
    const changes = this.replica.commit()
    if (changes.length === 0) return
    const { bytes: segment } = this.session.seal(changes)
    this.sealed.push({ segment, certificate: this.session.certificate })
  }
}

let asked: AskedCaret[][]
let moves: number
let carets: RemoteCarets
beforeEach(() => {
  asked = []
  moves = 0
  carets = new RemoteCarets({ find: (question) => asked.push([...question]), onMoved: () => moves++ })
})

const insert = (from: number, text: string, length: number) => ChangeSet.of({ from, insert: text }, length)
const remove = (from: number, to: number, length: number) => ChangeSet.of({ from, to }, length)
const name = (text: string) => Buffer.from(text)
const answer = (place: number | null) =>
  carets.take(
    asked
      .splice(0)
      .flatMap((question) =>
        question.map(({ id }) => ({ id, place: place === null ? null : { anchor: place, head: place } })),
      ),
  )

/** An observer with the carets that others named, and how often its replica was asked. */
class Observation {
  followed = 0
  asked = 0
  private readonly observer: Writer
  private readonly carets: RemoteCarets
  private readonly present = new Map<string, Uint8Array>()
  private readonly found: FoundCaret[] = []

  constructor(observer: Writer) {
    this.observer = observer
    this.carets = new RemoteCarets({
      find: (question) => {
        this.asked += question.length
        const { replica } = observer
        this.found.push(...question.map(({ id, caret }) => ({ id, place: replica.placeOf(caret) })))
      },
      onMoved: () => undefined,
    })
  }

  /** Some person's caret is named where some text is. */
  name(random: Random): void {
    const { replica } = this.observer
    const offset = () => random.below(replica.text.length + 1)
    this.present.set(`person ${random.below(5)}`, replica.caretAt(offset(), offset()))
    this.carets.set([...this.present].map(([key, caret]) => ({ key, caret })))
    this.compare()
  }

  /** The carets follow a change, and stand where the replica finds them. */
  follow(changes: ChangeSet | null, isRemote: boolean): void {
    if (!changes) return
    this.carets.follow(changes, isRemote)
    this.compare()
    this.followed += this.present.size
  }

  private compare(): void {
    this.carets.take(this.found.splice(0))
    const { replica } = this.observer
    expect(this.carets.list).toEqual(
      [...this.present].map(([key, caret]) => ({ key, ...replica.placeOf(caret) })),
    )
  }
}

/** Three people edit one text, and the first observes carets in it; all of it follows from the seed. */
function observe(seed: number): Observation {
  const random = randomFrom(seed)
  const observer = new Writer(1, random)
  const [ben, cy] = [new Writer(2, random), new Writer(3, random)]
  const observation = new Observation(observer)
  const turn = (writer: Writer, other: Writer) => {
    if (random.chance(0.6)) writer.edit(random)
    if (random.chance(0.5)) writer.receive(other)
    if (random.chance(0.5)) writer.receive(observer)
    if (random.chance(0.7)) observation.follow(observer.receive(writer), true)
  }
  for (let round = 0; round < 50; round++) {
    observation.follow(observer.edit(random), false)
    turn(ben, cy)
    turn(cy, ben)
    if (random.chance(0.4)) observation.name(random)
  }
  for (const { replica } of [observer, ben, cy]) replica.free()
  return observation
}

it('carets that follow the text stand where the replica finds them', () => {
  let followed = 0
  let asked = 0
  for (let seed = 1; seed <= (soak ? 200 : 6); seed++) {
    const observation = observe(seed)
    followed += observation.followed
    asked += observation.asked
  }
  expect(followed).toBeGreaterThan(1_000)
  expect(asked / followed).toBeLessThan(0.1)
})

describe('others’ carets', () => {
  it('are asked for once, and again only under another name', () => {
    carets.set([{ key: 'ben', caret: name('a') }])
    expect(asked).toHaveLength(1)
    carets.set([{ key: 'ben', caret: name('a') }])
    answer(3)
    carets.set([{ key: 'ben', caret: name('a') }])
    expect(asked).toEqual([])
    expect([carets.list, moves]).toEqual([[{ key: 'ben', anchor: 3, head: 3 }], 1])
    carets.set([{ key: 'ben', caret: name('b') }])
    expect(carets.list).toEqual([{ key: 'ben', anchor: 3, head: 3 }])
    answer(5)
    expect([carets.list, moves]).toEqual([[{ key: 'ben', anchor: 5, head: 5 }], 2])
  })

  it('follow the text without a question and without news', () => {
    carets.set([{ key: 'ben', caret: name('a') }])
    answer(3)
    carets.follow(insert(3, 'xy', 9), true)
    carets.follow(remove(0, 2, 11), true)
    carets.follow(insert(0, 'z', 9), false)
    expect([carets.list, moves, asked]).toEqual([[{ key: 'ben', anchor: 4, head: 4 }], 1, []])
    carets.follow(ChangeSet.of({ from: 4, to: 5, insert: 'new' }, 10), true)
    expect(carets.list).toEqual([{ key: 'ben', anchor: 7, head: 7 }])
  })

  it('that lost their character are asked for when text is inserted there', () => {
    carets.set([{ key: 'ben', caret: name('a') }])
    answer(3)
    carets.follow(remove(3, 4, 9), true)
    carets.follow(insert(0, 'x', 8), true)
    expect(asked).toEqual([])
    carets.follow(insert(4, 'x', 9), true)
    expect(asked).toHaveLength(1)
    carets.follow(insert(4, 'x', 10), true)
    expect(asked).toHaveLength(1)
    answer(4)
    expect([carets.list, moves]).toEqual([[{ key: 'ben', anchor: 4, head: 4 }], 2])
  })

  it('in text that is not here are asked for whenever other text has arrived', () => {
    carets.set([{ key: 'ben', caret: name('a') }])
    answer(null)
    expect([carets.list, moves]).toEqual([[], 0])
    carets.follow(insert(0, 'own', 9), false)
    expect(asked).toEqual([])
    carets.follow(insert(0, 'theirs', 12), true)
    carets.follow(insert(0, 'theirs', 18), true)
    expect(asked).toHaveLength(1)
    answer(2)
    expect([carets.list, moves]).toEqual([[{ key: 'ben', anchor: 2, head: 2 }], 1])
  })

  it('whose owner left are gone, and an answer for them is dropped', () => {
    carets.set([{ key: 'ben', caret: name('a') }])
    answer(3)
    carets.set([{ key: 'cy', caret: name('c') }])
    expect([carets.list, moves]).toEqual([[], 2])
    carets.set([])
    answer(4)
    expect([carets.list, moves]).toEqual([[], 2])
  })

  it('are all asked for again of another replica', () => {
    carets.set([
      { key: 'ben', caret: name('a') },
      { key: 'cy', caret: name('c') },
    ])
    asked.length = 0
    carets.askAgain()
    expect(asked.map((question) => question.length)).toEqual([2])
  })
})
