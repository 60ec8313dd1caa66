import { ChangeSet } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { toText } from '../../../preload/text'
import { maxHeadings, type ReadHeadings, readHeadings } from '../../../renderer/features/outline/headings'
import { randomEdit, randomFrom } from '../../support/random'

/** Reads to the end; also returns the longest step, in ms. */
function readAll(...given: Parameters<typeof readHeadings>): { read: ReadHeadings; longest: number } {
  const steps = readHeadings(...given)
  let longest = 0
  for (;;) {
    const start = performance.now()
    const step = steps.next()
    longest = Math.max(longest, performance.now() - start)
    if (step.done) return { read: step.value, longest }
  }
}

const headingsOf = (text: string) => readAll(toText(text), null).read.headings

describe('the headings of a text', () => {
  it('are those of Markdown, with their words and places', () => {
    const text = [
      '# *One* & [two](https://example.org) `code`',
      'Three **x**\n---',
      '```\n# no heading\n```',
      '> ### In a quote',
      '- #### In a list',
      '#',
      '#tag',
    ].join('\n\n')
    expect(
      headingsOf(text).map(({ level, words, from }) => [level, words, text.slice(from, from + 3)]),
    ).toEqual([
      [1, 'One & two code', '# *'],
      [2, 'Three x', 'Thr'],
      [3, 'In a quote', '###'],
      [4, 'In a list', '###'],
      [1, '', '#\n\n'],
    ])
  })

  it('are the same when only what changed is read again', () => {
    const random = randomFrom(7)
    let text = '# One\n\nwords\n\n## Two\n\n- item\n  ### Three\n\n```\n# code\n```\n\nFour\n===\n'.repeat(5)
    let { read } = readAll(toText(text), null)
    for (let step = 0; step < 300; step++) {
      const edit = randomEdit(random, text)
      const changes = ChangeSet.of({ ...edit, insert: edit.insert.replaceAll('\r', '') }, text.length)
      text = changes.apply(toText(text)).toString()
      read = readAll(toText(text), { known: read, changes }).read
      expect(read.headings).toEqual(headingsOf(text))
    }
  })

  it('are read of long texts in short steps, up to a thousand', () => {
    const words = 'Words with *marks* and `code` that take a while to be read. '
    const book = Array.from(
      { length: 3_000 },
      (_, index) => `## Part ${index}\n\n${words.repeat(5)}\n\n`,
    ).join('')
    const { read, longest } = readAll(toText(book), null)
    expect(read.headings).toHaveLength(maxHeadings)
    expect(longest).toBeLessThan(200)
    for (const line of [
      `# ${'*_['.repeat(300_000)}`,
      ' '.repeat(500_000),
      '> '.repeat(50_000),
      '[('.repeat(200_000),
    ])
      expect(readAll(toText(`${line}\n\n# End`), null).longest).toBeLessThan(200)
  })
})
