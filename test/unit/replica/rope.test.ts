import { describe, expect, it } from 'vitest'
import { createHandle, genesisChange, type Handle } from '../../../main/replica/genesis'
import { Rope } from '../../../main/replica/rope'
import { usualSizes } from '../../../main/replica/writer'
import { randomEdit, randomFrom } from '../../support/random'

const { page: pageCapacity } = usualSizes
const seeds = process.env.SWARMPAD_SOAK === '1' ? 400 : 15
const documentId = Buffer.alloc(32, 7)
const bodyId = `1@${documentId.toString('hex')}`

/** A rope on a document of its own, with the text that it should show. */
class Site {
  readonly handle: Handle
  readonly actor: string
  readonly rope: Rope
  text = ''
  /** Operations that a piece of an edit may have. */
  room = pageCapacity

  constructor(actor: number) {
    this.actor = Buffer.alloc(32, actor).toString('hex')
    this.handle = createHandle(this.actor)
    this.handle.applyChanges([genesisChange(documentId)])
    this.handle.updateDiffCursor()
    this.rope = new Rope(this.handle, bodyId, this.actor)
  }

  edit(edit: { from: number; to: number; insert: string }): Uint8Array | null {
    const { text } = this
    this.rope.edit(
      [edit],
      (from, to) => text.slice(from, to),
      (least) => Math.max(least, this.room),
    )
    this.text = this.text.slice(0, edit.from) + edit.insert + this.text.slice(edit.to)
    if (this.handle.pendingOps() === 0) return null
    this.handle.commit(undefined, 0)
    const change = this.handle.getLastLocalChange()
    this.handle.updateDiffCursor()
    return change
  }

  receive(changes: Uint8Array[]): void {
    this.handle.applyChanges(changes)
    for (const patch of this.handle.diffIncremental()) {
      const edits = this.rope.follow(patch)
      expect(edits).not.toBeNull()
      for (const edit of edits ?? [])
        this.text = this.text.slice(0, edit.from) + edit.insert + this.text.slice(edit.to)
    }
  }

  /** The text as its stretches give it. */
  joined(): string {
    const stretches = this.rope.stretches()
    return stretches
      .map(({ page, isGiven, index, size }) => {
        const text = isGiven ? String(this.handle.get(page, 's')) : this.handle.text(page)
        return text.slice(index, index + size)
      })
      .join('')
  }

  /** Returns the text as read by a new rope that followed no edits. */
  reread(): string {
    return new Rope(this.handle, bodyId, this.actor).read()
  }
}

describe('Rope', () => {
  it.each(Array.from({ length: seeds }, (_, seed) => seed))(
    'follows random edits of three sites, seed %i',
    (seed) => {
      const random = randomFrom(seed)
      const sites = [new Site(1), new Site(2), new Site(3)]
      const inbox: Uint8Array[][] = [[], [], []]
      const exchange = (to: number) => sites[to]?.receive(inbox[to]?.splice(0) ?? [])
      const send = (from: number, change: Uint8Array | null) => {
        if (change) for (const [to, box] of inbox.entries()) if (to !== from) box.push(change)
      }
      for (let step = 0; step < 120; step++) {
        const at = random.below(sites.length)
        const site = sites[at] ?? expect.fail()
        site.room = random.chance(0.2) ? 3 : pageCapacity
        const end = site.text.length
        const long = { from: end, to: end, insert: 'long text 😀 '.repeat(1500) }
        const change = site.edit(step === 5 ? long : randomEdit(random, site.text))
        expect(site.rope.length).toBe(site.text.length)
        send(at, change)
        if (random.chance(0.3)) exchange(random.below(sites.length))
      }
      for (const [to] of sites.entries()) exchange(to)
      for (const site of sites) {
        expect(site.rope.length).toBe(site.text.length)
        expect(site.reread()).toBe(site.text)
        expect(site.joined()).toBe(site.text)
        expect(site.text).toBe(sites[0]?.text)
      }
      for (const site of sites) site.handle.free()
    },
  )

  it.each([2, 3, 500])('deletes whole characters in pieces of %i operations', (room) => {
    const site = new Site(1)
    site.room = room
    for (const text of ['😀'.repeat(400), `a${'😀'.repeat(400)}b`, 'ab😀'.repeat(300)]) {
      site.edit({ from: 0, to: 0, insert: `[${text}]` })
      site.edit({ from: 1, to: 1 + text.length, insert: '' })
      expect(site.reread()).toBe(site.text)
    }
  })

  it('keeps pages small when a long text is typed at its end', () => {
    const site = new Site(1)
    for (let key = 0; key < 3 * pageCapacity; key++) {
      site.edit({ from: site.text.length, to: site.text.length, insert: 'x' })
    }
    expect(Math.max(...site.rope.sizes())).toBeLessThanOrEqual(pageCapacity + 3)
    expect(site.rope.sizes().length).toBe(3)
    expect(site.reread()).toBe(site.text)
  })

  it('shows nothing for what is no page, and follows by reading anew', () => {
    const site = new Site(1)
    const other = new Site(2)
    const change = site.edit({ from: 0, to: 0, insert: 'hello' })
    if (!change) throw new Error('no change')
    other.receive([change])
    other.handle.splitBlock(bodyId, 2, {})
    other.handle.insert(bodyId, 0, 5)
    other.handle.commit(undefined, 0)
    const strange = other.handle.getLastLocalChange()
    if (!strange) throw new Error('no change')
    site.handle.applyChanges([strange])
    expect(site.reread()).toBe('hello')
  })

  it('names places that another site finds', () => {
    const site = new Site(1)
    const other = new Site(2)
    const text = 'one two three '.repeat(1000)
    const change = site.edit({ from: 0, to: 0, insert: text })
    if (!change) throw new Error('no change')
    other.receive([change])
    for (const offset of [0, 1, 4096, 5000, text.length]) {
      expect(other.rope.offsetOf(site.rope.locate(offset))).toBe(offset)
    }
  })
})
