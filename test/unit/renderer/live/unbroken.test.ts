import { describe, expect, it } from 'vitest'
import { decorate } from '../../../../renderer/features/live/decorate'
import { stateOf } from './shown'

/** The words of a text that a row is not to end in, with their marks. */
function unbroken(marked: string): string[] {
  const state = stateOf(marked)
  const words: string[] = []
  const { unbroken } = decorate(state, [{ from: 0, to: state.doc.length }], false)
  for (const at = unbroken.iter(); at.value; at.next()) words.push(state.sliceDoc(at.from, at.to))
  return words
}

describe('words that hidden marks part', () => {
  it.each([
    ['the **old wall**, here', ['wall**,']],
    ['(**nobody**) here', ['(**nobody**)']],
    ['un**believ**able and **bold** words', ['un**believ**able']],
    ['a **b *c***. d', ['c***.']],
    // Links and code stay one element, for screen readers and the eye.
    ['see [the hall](https://example.org), then', ['the hall](https://example.org),']],
    [`see [the hall ${'of '.repeat(9)}](https://example.org), then`, []],
    ['[a **b**, c](https://example.org) d', ['a **b**, c']],
    ['`code`; ==a==!', ['`code`;', '==a==!']],
    ['`the school`, then', ['`the school`,']],
    // In several lines, and in a link that goes on in the next one
    ['a `b`, c\n\nd **e**, f', ['`b`,', 'e**,']],
    ['`a`, [the\nold **b**](https://example.org), c', ['`a`,', 'the\nold **b**](https://example.org),']],
    // The marks are in sight.
    ['the **ol|d**, here', []],
    // Such scripts break between any two letters.
    ['写**字**文 **字**，', ['字**，']],
    [`**${'x'.repeat(30)}**, y`, [`${'x'.repeat(20)}**,`]],
  ])('in %j are %j', (text, words) => expect(unbroken(text)).toEqual(words))
})
