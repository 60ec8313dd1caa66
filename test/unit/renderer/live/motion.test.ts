import { EditorSelection, EditorState, type TransactionSpec } from '@codemirror/state'
import { type EditorView, keymap } from '@codemirror/view'
import { describe, expect, it } from 'vitest'
import { writtenAddress } from '../../../../renderer/features/links/link-card'
import { linkMotion } from '../../../../renderer/features/links/link-motion'
import { itemMotion } from '../../../../renderer/features/live/item-motion'
import { sourceMode } from '../../../../renderer/features/live/source-mode'
import { markdownWriting } from '../../../../renderer/features/markdown/markdown'
import { parsed } from './shown'

/** Where the caret comes to lie that goes from the first `|` to the second; with `hold` a selection reaches there. */
function goes(marked: string, way: { back?: boolean; hold?: boolean; event?: string } = {}): string {
  const [start = '', middle = '', end = ''] = marked.split('|')
  const [first, second] = [start.length, start.length + middle.length]
  const [from, to] = way.back ? [second, first] : [first, second]
  const state = parsed(
    EditorState.create({
      doc: start + middle + end,
      selection: { anchor: from },
      extensions: [markdownWriting.extension ?? [], sourceMode, linkMotion, itemMotion],
    }),
  )
  const selection = way.hold ? EditorSelection.single(from, to) : EditorSelection.single(to)
  const { head } = state.update({ selection, userEvent: way.event ?? 'select' }).state.selection.main
  const text = state.sliceDoc()
  return `${text.slice(0, head)}|${text.slice(head)}`
}

describe('the caret', () => {
  it.each([
    ['[hall|]|(https://example.org) x', {}, '[hall](https://example.org)| x'],
    ['[hall](https://example.org|)| x', { back: true }, '[hall|](https://example.org) x'],
    ['[hall|](https://exa|mple.org) x', { hold: true }, '[hall](https://example.org)| x'],
    ['[hall](https://|exa|mple.org)', { hold: true, event: 'select.search' }, '[hall](https://exa|mple.org)'],
    ['a |!|[meadow](b.png) c', {}, 'a ![meadow](b.png)| c'],
    ['[ha|l|l](https://example.org)', {}, '[hal|l](https://example.org)'],
    ['[|]|(https://example.org)', {}, '[]|(https://example.org)'],
    ['[two](https://example.org|)| **three**', { back: true }, '[two|](https://example.org) **three**'],
  ])('goes over what is hidden of %j (%j)', (text, way, where) => expect(goes(text, way)).toBe(where))

  it.each([
    ['above|\n|- item', {}, 'above\n- |item'],
    ['|- item\n\nbel|ow', { back: true }, '- |item\n\nbelow'],
    ['|- [ ] item|', { back: true }, '- [ ] |item'],
    // From the words it goes on into the mark.
    ['-| |item', { back: true }, '-| item'],
    ['|- |item', { back: true }, '|- item'],
    // Selections hold whole lines.
    ['|- item|', { back: true, hold: true }, '|- item'],
    ['|# Title|', { back: true }, '|# Title'],
  ])('comes to the words of an item in %j (%j)', (text, way, where) => expect(goes(text, way)).toBe(where))
})

describe('a key beside a link', () => {
  /** Presses a key in a text with a caret at each `|`; returns the text after it. */
  function press(marked: string, key: string): string {
    const parts = marked.split('|')
    const carets = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('').length)
    let state = parsed(
      EditorState.create({
        doc: parts.join(''),
        selection: EditorSelection.create(carets.map((at) => EditorSelection.cursor(at))),
        extensions: [
          markdownWriting.extension ?? [],
          EditorState.allowMultipleSelections.of(true),
          sourceMode,
          linkMotion,
        ],
      }),
    )
    const view = {
      get state() {
        return state
      },
      dispatch(spec: TransactionSpec) {
        state = state.update(spec).state
      },
    } as unknown as EditorView
    const bindings = state.facet(keymap).flat()
    expect(bindings.some((binding) => binding.key === key && binding.run?.(view))).toBe(true)
    return state.sliceDoc()
  }

  it.each([
    ['[hall](u)|', 'Backspace', '[hal](u)'],
    ['[**hall**](u)|', 'Backspace', '[**hal**](u)'],
    ['[**a** `b`](u)|', 'Backspace', '[**a** ](u)'],
    ['[a\\]](u)|', 'Backspace', '[a](u)'],
    ['|[==**hall**==](u)', 'Delete', '[==**all**==](u)'],
    ['[**h**](u)|', 'Backspace', ''],
    ['a |[h](u) b', 'Delete', 'a  b'],
    ['[😀é](u)|', 'Backspace', '[😀](u)'],
    ['[a](u1)|[b](u2)', 'Backspace', '[b](u2)'],
    ['[two words](u)|', 'Mod-Backspace', '[two ](u)'],
    ['[two **words**](u)|', 'Mod-Backspace', '[two ](u)'],
    ['[words](u)|', 'Mod-Backspace', ''],
    ['[a ***b***](u)|', 'Backspace', '[a ](u)'],
    ['[hall](u)|\n|e\u0301e\u0301|', 'Backspace', '[hal](u)e\u0301'],
    ['[hall](u)|\n[door](u)|', 'Backspace', '[hal](u)\n[doo](u)'],
    ['|[two words](u)', 'Mod-Delete', '[ words](u)'],
  ])('erases the letter that is seen: %j, %s', (text, key, left) => expect(press(text, key)).toBe(left))
})

describe('an address that is typed into the card of a link', () => {
  it.each([
    ['https://example.org/a', 'https://example.org/a'],
    [' example.org/a ', 'https://example.org/a'],
    ['mailto:ada@example.org', 'mailto:ada@example.org'],
    ['https://example.org/a b', 'https://example.org/a%20b'],
    ['https://example.org/a(b)', '<https://example.org/a(b)>'],
    ['https://example.org/)\n\n# x', '<https://example.org/)%0A%0A#%20x>'],
    ['x> [y](z', '<x%3E%20[y](z>'],
    ['', ''],
  ])('%j is written as %j', (typed, written) => expect(writtenAddress(typed)).toBe(written))
})
