import type { StateCommand } from '@codemirror/state'
import { expect, it } from 'vitest'
import { toggleQuote } from '../../../../renderer/features/format/block-commands'
import { continueList } from '../../../../renderer/features/lists/enter'
import { indentItems, outdentItems } from '../../../../renderer/features/lists/indent'
import { moveDown, moveUp } from '../../../../renderer/features/lists/move'
import { tidyNumbers } from '../../../../renderer/features/lists/tidy-numbers'
import { toggleList } from '../../../../renderer/features/lists/toggle-list'
import { result } from './marked-text'

const commands: Readonly<Record<string, StateCommand>> = {
  bullet: toggleList('bullet'),
  number: toggleList('number'),
  task: toggleList('task'),
  tidyNumbers,
  indentItems,
  outdentItems,
  continueList,
  toggleQuote,
}

/** Returns the letters of a text; 'x' is left out, since only boxes have it. */
const lettersOf = (text: string): string => text.replace(/[^a-wyz]/g, '')

/** Returns numbers from 0 to below a bound, the same ones for the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let value = seed
  return (below) => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((value / 2 ** 32) * below)
  }
}

const indents = ['', '', ' ', '  ', '   ', '    ', '\t', '\t\t', '  \t', '> ', '>', '> \t', '> > ', '  > ']
const marks = ['- ', '* ', '-\t', '1. ', '9. ', '99. ', '5) ', '- [ ] ', '- [x] ', '- - ', '- > ', '', '']
const words = ['one', 'two words', 'a b c', '', '# four', '```', '---', '<b>five</b>', '    code']

function randomText(random: (below: number) => number): string {
  const pick = (from: readonly string[]): string => from[random(from.length)] ?? ''
  let depth = 0
  return Array.from({ length: 2 + random(9) }, () => {
    depth = Math.max(0, depth + random(4) - 1)
    const nested = random(2) === 0 ? '\t'.repeat(depth) : '   '.repeat(depth)
    return `${random(3) === 0 ? pick(indents) : nested}${pick(marks)}${pick(words)}`
  }).join('\n')
}

/** Marks a caret or a selection, often the whole text, as `result` reads it. */
function withSelection(text: string, random: (below: number) => number, isCaret: boolean): string {
  const from = random(3) === 0 ? 0 : random(text.length + 1)
  if (isCaret) return `${text.slice(0, from)}|${text.slice(from)}`
  const to = from === 0 ? text.length : from + random(text.length + 1 - from)
  return to === from
    ? `${text.slice(0, from)}|${text.slice(from)}`
    : `${text.slice(0, from)}‹${text.slice(from, to)}›${text.slice(to)}`
}

it.each(Object.keys(commands))('%s deletes nothing but blanks and marks', (name) => {
  const command = commands[name]
  if (!command) throw new Error('no such command')
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomFrom(seed)
    const before = withSelection(randomText(random), random, name === 'continueList')
    const after = result(before, command)
    expect(lettersOf(after), JSON.stringify({ before, after })).toBe(lettersOf(before))
  }
})

it.each([moveUp, moveDown])('moving lines keeps all letters', (command) => {
  const sorted = (text: string): string => [...lettersOf(text)].sort().join('')
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomFrom(seed)
    const before = withSelection(randomText(random), random, false)
    const after = result(before, command)
    expect(sorted(after), JSON.stringify({ before, after })).toBe(sorted(before))
  }
})
