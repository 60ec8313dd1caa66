import { EditorState, type StateCommand } from '@codemirror/state'
import { expect, it } from 'vitest'
import { notices } from '../../../../renderer/editor/notices'
import { toggleCodeBlock, toggleQuote } from '../../../../renderer/features/format/block-commands'
import { setHeading } from '../../../../renderer/features/format/headings'
import { indentItems, outdentItems } from '../../../../renderer/features/lists/indent'
import { moveDown } from '../../../../renderer/features/lists/move'
import { tidyNumbers } from '../../../../renderer/features/lists/tidy-numbers'
import { toggleList } from '../../../../renderer/features/lists/toggle-list'
import { markdownWriting } from '../../../../renderer/features/markdown/markdown'
import { stateOf } from './marked-text'

/** Runs a command on a marked text; returns the text after it and the announcements. */
function run(marked: string, command: StateCommand): { text: string; told: string[] } {
  const told: string[] = []
  let state = stateOf(
    marked,
    notices.of((message) => told.push(message)),
  )
  command({
    state,
    dispatch: (transaction) => {
      state = transaction.state
    },
  })
  return { text: state.doc.toString(), told }
}

const items = '- a\n'.repeat(2_500)

it.each<[string, StateCommand]>([
  ['list', toggleList('number')],
  ['heading', setHeading(2)],
  ['Tab', indentItems],
  ['Shift+Tab', outdentItems],
])('%s changes nothing of too many lines, and says so', (_name, command) => {
  const { text, told } = run(`‹${items}›`, command)
  expect(text).toBe(items)
  expect(told).toEqual(['Select at most 2,000 lines for this.'])
})

it('a quote, a block of code and moving take in all selected lines', () => {
  expect(run(`‹${items}›`, toggleQuote)).toEqual({ text: '> - a\n'.repeat(2_500), told: [] })
  const lines = 'words\n'.repeat(2_500)
  expect(run(`‹${lines}›`, toggleCodeBlock)).toEqual({ text: `\`\`\`\n${lines}\`\`\`\n`, told: [] })
  expect(run(`‹${items}›- last`, moveDown)).toEqual({ text: `- last\n${items.trimEnd()}`, told: [] })
})

/** Tidies the numbers of a text before more than its beginning is read. */
function tidied(doc: string): { text: string; told: string[] } {
  const told: string[] = []
  let text = doc
  tidyNumbers({
    state: EditorState.create({
      doc,
      extensions: [markdownWriting.extension ?? [], notices.of((message) => told.push(message))],
    }),
    dispatch: ({ newDoc }) => {
      text = newDoc.toString()
    },
  })
  return { text, told }
}

const stillRead = ['The end of this text is still being read. Try again for the lists there.']

it('tidying numbers leaves lists alone that are not read to their ends, and says so', () => {
  const list = '1. a\n1. b\n1. c\n\nwords\n\n'
  const { text, told } = tidied(`words\n\n${list.repeat(150_000)}`)
  expect(told).toEqual(stillRead)
  expect(new Set(text.match(/1\. a\n.*\n.*/g))).not.toContain('1. a\n2. b\n1. c')
  expect(text.endsWith(list)).toBe(true)
  const long = '1. a\n'.repeat(600_000)
  expect(tidied(long).text === long).toBe(true)
  expect(tidied(long).told).toEqual(stillRead)
})

it('tidying the numbers of very many selected lists takes no longer for each', () => {
  const state = stateOf(`‹${'1. a\n1. b\n\nwords\n\n'.repeat(40_000)}›`)
  const before = process.cpuUsage()
  tidyNumbers({ state, dispatch: () => {} })
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(2_000)
})
