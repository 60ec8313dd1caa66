import { history, redo, undo } from '@codemirror/commands'
import { EditorSelection, EditorState, type Transaction } from '@codemirror/state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText } from '../../../preload/text'
import { cleanInput } from '../../../renderer/editor/clean-input'

const begin = (doc: string) =>
  EditorState.create({
    doc,
    extensions: [cleanInput, history(), EditorState.allowMultipleSelections.of(true)],
  })

describe('cleaning what comes into the text', () => {
  it('leaves text that a document may hold, and is done with one pass', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)))
    const rough = fc.oneof(units, fc.array(fc.constantFrom('\r', '\n', '\ud83d', '\ude42', 'a')))
    fc.assert(
      fc.property(
        rough.map((parts) => parts.join('')),
        (text) => {
          const clean = cleanText(text)
          expect(clean.isWellFormed()).toBe(true)
          expect(clean).not.toContain('\r')
          expect(clean).not.toContain('\0')
          expect(cleanText(clean)).toBe(clean)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('puts the caret behind what was pasted in each place', () => {
    const state = begin('one two').update({
      selection: EditorSelection.create([3, 7].map((at) => EditorSelection.cursor(at))),
    }).state
    const { state: after } = state.update(state.replaceSelection('\r\n\r\n!'))
    expect(after.doc.toString()).toBe('one\n\n! two\n\n!')
    expect(after.selection.ranges.map(({ head }) => head)).toEqual([6, 13])
  })

  it('replaces a selection and keeps what comes after', () => {
    const { state } = begin('keep this').update({
      changes: { from: 5, to: 9, insert: 'a\r\nb\rc' },
      userEvent: 'input.paste',
    })
    expect(state.doc.toString()).toBe('keep a\nb\nc')
  })

  it('has no NUL, which Markdown does not have and which makes of a saved copy a file that is no text', () => {
    const { state } = begin('').update({ changes: { from: 0, insert: 'a\0b' }, userEvent: 'input.paste' })
    expect(state.doc.toString()).toBe('a\ufffdb')
  })

  it('is one step for undo, which brings back what stood there', () => {
    let state = begin('text')
    const dispatch = (transaction: Transaction) => {
      state = transaction.state
    }
    dispatch(state.update({ changes: { from: 0, to: 4, insert: 'x\r\ny \ud83d' }, userEvent: 'input.paste' }))
    expect(state.doc.toString()).toBe('x\ny \ufffd')
    expect(undo({ state, dispatch })).toBe(true)
    expect(state.doc.toString()).toBe('text')
    expect(redo({ state, dispatch })).toBe(true)
    expect(state.doc.toString()).toBe('x\ny \ufffd')
  })

  it('takes no text apart that is well', () => {
    const transaction = begin('').update({
      changes: { from: 0, insert: 'fine 🙂\n' },
      userEvent: 'input.type',
    })
    expect(transaction.changes.toJSON()).toEqual([[0, 'fine 🙂', '']])
    expect(transaction.isUserEvent('input.type')).toBe(true)
  })

  it('keeps what the edit was', () => {
    const transaction = begin('').update({
      changes: { from: 0, insert: 'a\r\nb' },
      userEvent: 'input.paste',
      scrollIntoView: true,
    })
    expect(transaction.isUserEvent('input.paste')).toBe(true)
    expect(transaction.scrollIntoView).toBe(true)
  })
})
