import { ChangeSet, Text } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { Crossing, cross } from '../../../main/replica/crossing'
import { toText } from '../../../preload/text'
import { difference } from '../../../preload/text-difference'
import { randomEdit, randomFrom } from '../../support/random'

class Party {
  text: Text = Text.empty
  readonly crossing: Crossing
  readonly outbox: { changes: unknown; seen: number }[] = []

  constructor(side: 'leader' | 'follower') {
    this.crossing = new Crossing(side)
  }

  edit(changes: ChangeSet): void {
    this.text = changes.apply(this.text)
    this.crossing.send(changes)
    this.outbox.push({ changes: changes.toJSON(), seen: this.crossing.received })
  }

  take(message: { changes: unknown; seen: number }): void {
    this.text = this.crossing.receive(ChangeSet.fromJSON(message.changes), message.seen).apply(this.text)
  }
}

describe('Crossing', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('brings both ends to one text, seed %i', (seed) => {
    const random = randomFrom(seed)
    const parties = [new Party('leader'), new Party('follower')] as const
    for (let step = 0; step < 80; step++) {
      const at = random.below(2)
      const party = parties[at as 0 | 1]
      const other = parties[(1 - at) as 0 | 1]
      if (random.chance(0.5)) {
        const edit = randomEdit(random, party.text.toString())
        party.edit(ChangeSet.of(edit, party.text.length, '\n'))
      } else for (const message of other.outbox.splice(0, 1 + random.below(3))) party.take(message)
    }
    const [leader, follower] = parties
    for (const message of leader.outbox.splice(0)) follower.take(message)
    for (const message of follower.outbox.splice(0)) leader.take(message)
    expect(follower.text.toString()).toBe(leader.text.toString())
  })

  it('puts the leader first where both insert at one place', () => {
    const ours = ChangeSet.of({ from: 0, insert: 'follower' }, 0, '\n')
    const theirs = ChangeSet.of({ from: 0, insert: 'leader ' }, 0, '\n')
    const { incoming } = cross(theirs, [ours], 'follower')
    expect(incoming.apply(ours.apply(Text.empty)).toString()).toBe('leader follower')
  })
})

describe('difference', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'leads from one text to the other, seed %i',
    (seed) => {
      const random = randomFrom(seed)
      let before = ''
      for (let step = 0; step < 20; step++) {
        const edit = randomEdit(random, before)
        before = before.slice(0, edit.from) + edit.insert + before.slice(edit.to)
      }
      let after = before
      for (let step = 0; step < 5; step++) {
        const edit = randomEdit(random, after)
        after = after.slice(0, edit.from) + edit.insert + after.slice(edit.to)
      }
      const changes = difference(toText(before), toText(after))
      expect(changes.apply(toText(before)).toString()).toBe(after)
      changes.iterChanges((from, to) => {
        for (const offset of [from, to]) expect(/^[\udc00-\udfff]/.test(before.slice(offset))).toBe(false)
      })
    },
  )

  it('replaces the middle when there is too much to search', () => {
    const before = toText(`start ${'abc'.repeat(20_000)} end`)
    const after = toText(`start ${'bca'.repeat(20_000)} end`)
    expect(difference(before, after).apply(before).eq(after)).toBe(true)
  })
})
