import { expect } from 'vitest'
import { type KnownChange, maxOpOf, readChange } from '../../main/replica/change'
import { ChangeGate } from '../../main/replica/change-gate'
import { hashChange } from '../../main/replica/change-header'
import { createHandle, genesisChange, genesisOperations, type Handle } from '../../main/replica/genesis'
import { Rope, type Stretch } from '../../main/replica/rope'
import type { Sizes } from '../../main/replica/writer'
import { isLowSurrogate } from '../../preload/text'
import { type Random, randomFrom } from './random'

const documentId = Buffer.alloc(32, 7)
const bodyId = `1@${documentId.toString('hex')}`
/** So small that a few edits reach all that pages, given text and values divide into. */
const small: Sizes = { page: 16, given: 8, piece: 24, ranges: 3 }
const operationsPerChange = 60
const people = 3

interface Edit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** What somebody inserted at once, and which insertions were before their eyes. */
interface Insertion {
  readonly text: string
  readonly seen: ReadonlySet<Insertion>
}

/** The characters that somebody deleted at once; undone, they count no more. */
interface Deletion {
  readonly text: string
  stands: boolean
}

/** A deletion that its maker may undo: the character before it, and the given text in which all of it stood. */
interface Undo {
  readonly deletion: Deletion
  readonly left: string
  readonly given: readonly string[]
}

/** A change, with the insertions that its maker knew. */
interface Made {
  readonly bytes: Uint8Array
  readonly known: ReadonlySet<Insertion>
}

/** One person's document, and the text that a window of theirs would show. */
class Site {
  readonly handle: Handle
  readonly rope: Rope
  readonly made: Made[] = []
  readonly known = new Set<Insertion>()
  /** How many changes of each person were taken. */
  readonly taken = Array.from({ length: people }, () => 0)
  /** Texts that were seen here. */
  readonly texts: string[] = []
  readonly undo: Undo[] = []
  private readonly actor: string
  text = ''
  rereads = 0

  constructor(number: number) {
    this.actor = Buffer.alloc(32, number + 1).toString('hex')
    this.handle = createHandle(this.actor)
    this.handle.applyChanges([genesisChange(documentId)])
    this.handle.updateDiffCursor()
    this.rope = new Rope(this.handle, bodyId, this.actor, small)
  }

  /** Writes edits of the text as it stands, in ascending order. */
  edit(edits: readonly Edit[]): void {
    const { text } = this
    this.rope.edit(
      edits,
      (from, to) => text.slice(from, to),
      (least) => this.room(least),
    )
    for (const edit of [...edits].reverse()) this.apply(edit)
    expect(this.rope.length).toBe(this.text.length)
  }

  /** Closes the change under way. */
  commit(): void {
    if (this.handle.pendingOps() === 0) return
    this.handle.commit(undefined, 0)
    const bytes = this.handle.getLastLocalChange() ?? expect.fail()
    this.handle.updateDiffCursor()
    this.made.push({ bytes, known: new Set(this.known) })
  }

  receive(changes: readonly Uint8Array[]): void {
    this.handle.applyChanges([...changes])
    this.rope.startFollowing()
    for (const patch of this.handle.diffIncremental()) {
      const edits = this.rope.follow(patch)
      if (!edits) {
        this.rereads++
        this.text = this.rope.read()
        return
      }
      for (const edit of edits) this.apply(edit)
    }
  }

  /** The ids of the given text that holds a part of the text; none if some of it is in a Text. */
  givenOf(from: number, to: number): string[] {
    let offset = 0
    const found: Stretch[] = []
    for (const stretch of this.rope.stretches()) {
      if (offset < to && offset + stretch.size > from) found.push(stretch)
      offset += stretch.size
    }
    return found.every(({ isGiven }) => isGiven) ? found.map(({ page }) => page) : []
  }

  /** Compares what was followed with what a fresh reading gives, and carets with where they were named. */
  check(random: Random): void {
    expect(read(this.handle, this.actor)).toBe(this.text)
    expect(this.rope.length).toBe(this.text.length)
    for (let count = 0; count < 4; count++) {
      const offset = wholePlace(this.text, random.below(this.text.length + 1))
      const { page, isGiven, index } = this.rope.locate(offset)
      const place = isGiven
        ? index
        : this.handle.getCursorPosition(page, this.handle.getCursor(page, index) as never)
      expect(this.rope.offsetOf({ page, isGiven, index: place })).toBe(offset)
    }
  }

  private room(least: number): number {
    if (this.handle.pendingOps() + least > operationsPerChange) this.commit()
    return operationsPerChange - this.handle.pendingOps()
  }

  private apply({ from, to, insert }: Edit): void {
    this.text = this.text.slice(0, from) + insert + this.text.slice(to)
  }
}

/** What happened in runs, to see that they reach everything. */
export interface Reached {
  edits: number
  undone: number
  pieces: number
  rereads: number
}

/**
 * People who write, paste, replace and undo at once, and exchange their changes in any order. Each character that is
 * ever inserted is another one, so that a reference can say which of them have to be there, and in which order.
 */
export class GivenRun {
  private readonly random: Random
  private readonly sites = Array.from({ length: people }, (_, number) => new Site(number))
  private readonly insertions: Insertion[] = []
  private readonly makers = new Map<string, Insertion>()
  private readonly deletions: Deletion[] = []
  private readonly reached: Reached
  private characters = 0

  constructor(seed: number, reached: Reached) {
    this.random = randomFrom(seed)
    this.reached = reached
  }

  /** Plays the run; throws where something does not hold. */
  play(): void {
    const { random, sites } = this
    for (let step = 12 + random.below(30); step > 0; step--) {
      const site = random.pick(sites)
      for (let count = 1 + random.below(5); count > 0; count--) {
        this.act(site)
        if (random.chance(0.3)) site.commit()
      }
      if (random.chance(0.3)) site.texts.push(site.text)
      if (random.chance(0.55)) this.exchange(random.pick(sites), false)
    }
    for (const site of sites) site.commit()
    for (const site of sites) this.exchange(site, true)
    this.compare()
    for (const { handle, rope, rereads } of sites) {
      this.reached.pieces += rope.stretches().filter(({ isGiven }) => isGiven).length
      this.reached.rereads += rereads
      handle.free()
    }
  }

  private act(site: Site): void {
    const { random } = this
    this.reached.edits++
    const dice = random.below(100)
    if (dice < 14) this.undo(site)
    else if (dice < 50 || site.text === '') this.insert(site)
    else if (dice < 92) this.replace(site, [this.stretch(site, 0)])
    else this.replaceMany(site)
  }

  private insert(site: Site): void {
    const { random } = this
    const length = random.chance(0.5) ? 1 + random.below(4) : 9 + random.below(60)
    const from = wholePlace(site.text, random.below(site.text.length + 1))
    site.edit([{ from, to: from, insert: this.fresh(site, length) }])
  }

  /** Deletes stretches as one edit, or writes something else in their places. */
  private replace(site: Site, stretches: readonly { from: number; to: number }[]): void {
    const { random } = this
    const writes = random.chance(0.4)
    const before = site.text
    const edits = stretches.map(({ from, to }) => {
      const deletion = { text: before.slice(from, to), stands: true }
      this.deletions.push(deletion)
      const left = [...before.slice(0, from)].at(-1) ?? ''
      const given = site.givenOf(from, to)
      if (!writes && given.length > 0) site.undo.push({ deletion, left, given })
      return { from, to, insert: writes ? this.fresh(site, 1 + random.below(14)) : '' }
    })
    site.edit(edits.filter(({ from, to, insert }) => from < to || insert !== ''))
    if (site.undo.length > 6) site.undo.splice(0, site.undo.length - 6)
  }

  private replaceMany(site: Site): void {
    const stretches: { from: number; to: number }[] = []
    for (let count = 2 + this.random.below(8); count > 0; count--) {
      const next = this.stretch(site, stretches.at(-1)?.to ?? 0)
      if (next.to > next.from) stretches.push(next)
    }
    if (stretches.length > 0) this.replace(site, stretches)
  }

  private stretch({ text }: Site, least: number): { from: number; to: number } {
    const { random } = this
    const reach = least === 0 ? text.length : Math.min(40, text.length - least)
    const from = wholePlace(text, least + random.below(reach + 1))
    const length = 1 + random.below(random.chance(0.5) ? 5 : 60)
    return { from, to: wholePlace(text, Math.min(text.length, from + length)) }
  }

  /** Puts back what the site deleted, as an editor does, where the neighbour to its left still stands. */
  private undo(site: Site): void {
    const last = site.undo.pop()
    if (!last || [...last.deletion.text].some((character) => site.text.includes(character))) return
    const { deletion, left, given } = last
    const neighbour = site.text.indexOf(left)
    if (neighbour < 0) return
    const from = neighbour + left.length
    const to = from + deletion.text.length
    site.edit([{ from, to: from, insert: deletion.text }])
    if (site.givenOf(from, to).join() === given.join()) {
      deletion.stands = false
      this.reached.undone++
    } else site.edit([{ from, to, insert: '' }])
  }

  private fresh(site: Site, length: number): string {
    let text = ''
    for (let count = 0; count < length; count++) {
      const number = this.characters++
      text += String.fromCodePoint(number % 3 === 0 ? 0x2_0000 + number : 0x4e00 + number)
    }
    const insertion = { text, seen: new Set(site.known) }
    for (const character of text) this.makers.set(character, insertion)
    this.insertions.push(insertion)
    site.known.add(insertion)
    return text
  }

  /** Gives a site changes of the others: some of them, or with `all` everything, in any order. */
  private exchange(site: Site, all: boolean): void {
    const { random } = this
    site.commit()
    const changes: Uint8Array[] = []
    for (const [number, other] of this.sites.entries()) {
      if (other === site) continue
      const from = site.taken[number] ?? 0
      const to = all ? other.made.length : from + random.below(other.made.length - from + 1)
      site.taken[number] = to
      for (const { bytes, known } of other.made.slice(from, to)) {
        changes.push(bytes)
        for (const insertion of known) site.known.add(insertion)
      }
    }
    // Automerge keeps what comes before what it builds on.
    if (all && random.chance(0.5)) shuffle(random, changes)
    while (changes.length > 0) site.receive(changes.splice(0, 1 + random.below(changes.length)))
    if (all || random.chance(0.3)) site.check(random)
  }

  /** Compares the sites' texts with each other, with those of readers who get everything at once, and the reference. */
  private compare(): void {
    const { random, sites } = this
    const [first] = sites
    if (!first) throw new Error('nobody was there')
    const { text } = first
    for (const site of sites) expect(site.text).toBe(text)
    expect(text.isWellFormed()).toBe(true)
    const loaded = createHandle('dd'.repeat(32))
    loaded.loadIncremental(first.handle.saveNoCompress())
    const batched = createHandle('ee'.repeat(32))
    const changes = sites.flatMap(({ made }) => made.map(({ bytes }) => bytes))
    shuffle(random, changes)
    batched.applyChanges([genesisChange(documentId), ...changes])
    for (const handle of [loaded, batched]) {
      expect(read(handle, 'dd'.repeat(32))).toBe(text)
      handle.free()
    }
    this.checkCharacters(text)
    this.checkOrder(text)
    admitAll(changes)
  }

  /** Exactly the characters that no standing deletion saw are there. */
  private checkCharacters(text: string): void {
    const dead = new Set(this.deletions.filter(({ stands }) => stands).flatMap(({ text }) => [...text]))
    const wanted = [...this.makers.keys()].filter((character) => !dead.has(character))
    expect([...text].sort()).toEqual(wanted.sort())
  }

  /** What stood in one order stands in it still, and no insertion is torn by somebody who had not seen it. */
  private checkOrder(text: string): void {
    const order = [...text]
    const places = new Map(order.map((character, place) => [character, place]))
    const inOrder = (characters: Iterable<string>) => {
      const found = [...characters].flatMap((character) => places.get(character) ?? [])
      expect(found.every((place, index) => index === 0 || place > (found[index - 1] ?? 0))).toBe(true)
      return found
    }
    for (const { texts } of this.sites) for (const earlier of texts) inOrder(earlier)
    for (const insertion of this.insertions) {
      const found = inOrder(insertion.text)
      const between = order
        .slice(found[0] ?? 0, found.at(-1) ?? 0)
        .map((character) => this.makers.get(character))
      expect(between.every((other) => other === insertion || other?.seen.has(insertion))).toBe(true)
    }
  }
}

/** Passes changes through the gate, in the order of what they build on. */
function admitAll(changes: readonly Uint8Array[]): void {
  const gate = new ChangeGate(documentId)
  const genesis = readHash(genesisChange(documentId))
  const known = new Map<string, KnownChange>([
    [genesis, { actor: documentId.toString('hex'), seq: 1, maxOp: genesisOperations }],
  ])
  const waiting = changes.map((bytes) => readChange(bytes)).sort((one, other) => one.startOp - other.startOp)
  for (const change of waiting) {
    gate.takeAll([change], ({ dependencies }) => dependencies.map((hash) => known.get(hash) ?? expect.fail()))
    known.set(change.hash, { actor: change.actor, seq: change.seq, maxOp: maxOpOf(change) })
  }
}

const readHash = (change: Uint8Array): string => Buffer.from(hashChange(change)).toString('hex')

const read = (handle: Handle, actor: string): string => new Rope(handle, bodyId, actor, small).read()

/** Returns a place at or before an offset that is not inside a surrogate pair. */
function wholePlace(text: string, offset: number): number {
  return isLowSurrogate(text.charCodeAt(offset)) ? offset - 1 : offset
}

function shuffle<T>(random: Random, items: T[]): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const [one, two] = [items[last], items[other]]
    if (one !== undefined && two !== undefined) [items[last], items[other]] = [two, one]
  }
}
