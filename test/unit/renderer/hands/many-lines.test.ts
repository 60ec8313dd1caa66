import type { StateCommand } from '@codemirror/state'
import { expect, it } from 'vitest'
import { notices } from '../../../../renderer/editor/notices'
import { toggleCodeBlock, toggleQuote } from '../../../../renderer/features/format/block-commands'
import { setHeading } from '../../../../renderer/features/format/headings'
import { indentItems, outdentItems } from '../../../../renderer/features/lists/indent'
import { moveDown } from '../../../../renderer/features/lists/move'
import { toggleList } from '../../../../renderer/features/lists/toggle-list'
import { stateOf } from './marked-text'

/** Runs a command on a marked text; returns the text after it and what the person was told. */
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
