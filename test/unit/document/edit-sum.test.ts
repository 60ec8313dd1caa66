import { ChangeSet, Text } from '@codemirror/state'
import { expect, it } from 'vitest'
import { EditSum } from '../../../main/document/edit-sum'
import { randomFrom } from '../../support/random'

it('the sum of any number of edits does what they did one after the other', () => {
  const random = randomFrom(3)
  for (let count = 1; count <= 40; count++) {
    const sum = new EditSum()
    const before = Text.of(['begin with this'])
    let after = before
    for (let edit = 0; edit < count; edit++) {
      const from = random.below(after.length + 1)
      const to = Math.min(after.length, from + random.below(3))
      const changes = ChangeSet.of({ from, to, insert: 'x'.repeat(random.below(4)) }, after.length)
      sum.add(changes)
      after = changes.apply(after)
    }
    expect(sum.take()?.apply(before).toString()).toBe(after.toString())
    expect(sum.take()).toBeNull()
  }
})

it('each of many edits is composed with a few others', () => {
  let composed = 0
  const counted = (changes: ChangeSet): ChangeSet =>
    Object.assign(Object.create(changes), {
      compose: (other: ChangeSet) => {
        composed++
        return counted(changes.compose(other))
      },
    })
  const sum = new EditSum()
  for (let key = 0; key < 1_000; key++) sum.add(counted(ChangeSet.of({ from: key, insert: 'x' }, key)))
  const before = composed
  expect(sum.take()?.newLength).toBe(1_000)
  expect(before).toBeLessThan(1_000)
  expect(composed - before).toBeLessThan(10)
})
