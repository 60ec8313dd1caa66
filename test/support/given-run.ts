import { expect } from 'vitest'
import { type Change, maxOpOf, readChange } from '../../main/replica/change'
import { ChangeGate } from '../../main/replica/change-gate'
import { createHandle, genesisChange, genesisOperations, type Handle } from '../../main/replica/genesis'
import { Rope } from '../../main/replica/rope'
import type { Sizes } from '../../main/replica/writer'
import { type Random, randomFrom } from './random'

export const documentId = Buffer.alloc(32, 7)
export const bodyId = `1@${documentId.toString('hex')}`
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
  readonly undo: { readonly deletion: Deletion; readonly left: string }[] = []
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

  /** The ids of the pages that hold a stretch of the text. */
  pagesOf(from: number, to: number): string[] {
    let offset = 0
    const found: string[] = []
    for (const { page, size } of this.rope.stretches()) {
      if (offset < to && offset + size > from) found.push(page)
      offset += size
    }
    return found
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
      if (!writes && to > from) site.undo.push({ deletion, left })
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
    const { deletion, left } = last
    const neighbour = site.text.indexOf(left)
    if (neighbour < 0) return
    const from = neighbour + left.length
    const to = from + deletion.text.length
    const known = new Set(site.rope.stretches().map(({ page }) => page))
    site.edit([{ from, to: from, insert: deletion.text }])
    const returned = site.pagesOf(from, to).every((page) => known.has(page) || this.isOld(site, page))
    if (returned && site.rope.stretches().some(({ isGiven }) => isGiven)) {
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
}
