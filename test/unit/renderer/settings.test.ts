import { ChangeSet, EditorSelection, EditorState, Transaction, type TransactionSpec } from '@codemirror/state'
import { beforeEach, describe, expect, it } from 'vitest'
import { defaultSettings, settingsShape } from '../../../preload/contract/settings'
import { runCommand } from '../../../renderer/commands'
import { paragraph } from '../../../renderer/features/focus/focus-mode'
import { movesCaret } from '../../../renderer/features/focus/typewriter-mode'
import { findSettings, settingsList } from '../../../renderer/features/settings/settings-words'
import { AppState } from '../../../renderer/state/app-state.svelte'
import { furtherCommand } from '../../../renderer/window-keys'
import { Border } from './border'

let border: Border
let app: AppState
beforeEach(async () => {
  border = new Border()
  app = new AppState(border, runCommand)
  await app.start()
})

const asked = () => border.asked.filter((call) => call.startsWith('setSettings')).length

describe('the settings of a window', () => {
  it('change at once, and follow other windows', async () => {
    const seen: number[] = []
    const stop = app.settings.watch(({ size }) => seen.push(size))
    app.run('larger-text')
    expect(app.settings.value.size).toBe(19)
    border.tell('settings', { ...defaultSettings, size: 24 })
    app.run('larger-text')
    expect([app.settings.value.size, asked()]).toEqual([24, 1])
    app.run('usual-text')
    app.run('focus-mode')
    app.run('source-mode')
    expect(app.settings.value).toEqual({ ...defaultSettings, focus: true, source: true })
    stop()
    app.run('smaller-text')
    expect(seen).toEqual([18, 19, 24, 18, 18, 18])
  })

  it('tell when they could not be kept', async () => {
    border.answers.setSettings = () => ({
      ok: false,
      code: 'STORE_WRITE_FAILED',
      message: 'The disk is full.',
    })
    await app.settings.change({ theme: 'dark' })
    expect(app.settings.value.theme).toBe('dark')
    expect(app.toasts.list).toMatchObject([{ message: 'The disk is full.', tone: 'error' }])
  })

  it('are all in the dialog, and found by their words', () => {
    // The library and the panel beside the text have their own ways to choose.
    const shown = Object.keys(settingsShape.entries).filter((id) => !/^(panel$|library)/.test(id))
    expect(settingsList.map(({ id }) => id).sort()).toEqual(shown.sort())
    const found = (query: string) => findSettings(query).map(({ id }) => id)
    expect(found('')).toHaveLength(settingsList.length)
    expect(found('DÁRK')).toEqual(['theme'])
    expect(found('deutsch')).toEqual(['spelling'])
    expect(found('text size')).toEqual(['size'])
    expect(found('middle line')).toEqual(['typewriter'])
    expect(found('no such thing')).toEqual([])
  })
})

describe('further keys of the window', () => {
  const press = { ctrlKey: true, metaKey: false, altKey: false, shiftKey: false }
  it('mean a command of the table', () => {
    expect(furtherCommand({ ...press, key: '=' }, false)).toBe('larger-text')
    expect(furtherCommand({ ...press, key: '=', altKey: true }, false)).toBeNull()
    expect(furtherCommand({ ...press, key: '=' }, true)).toBeNull()
    expect(furtherCommand({ ...press, key: '=', ctrlKey: false, metaKey: true }, true)).toBe('larger-text')
    expect(furtherCommand({ ...press, key: '=', ctrlKey: false }, false)).toBeNull()
    // A letter may need Shift on some keyboards; other keys are others with it.
    expect(furtherCommand({ ...press, key: '=', shiftKey: true }, false)).toBe('larger-text')
    expect(furtherCommand({ ...press, key: 'Tab' }, false)).toBe('next-tab')
    expect(furtherCommand({ ...press, key: 'Tab' }, true)).toBe('next-tab')
    expect(furtherCommand({ ...press, key: 'Tab', shiftKey: true }, false)).toBe('previous-tab')
    expect(furtherCommand({ ...press, key: 'PageDown' }, false)).toBe('next-tab')
    expect(furtherCommand({ ...press, key: 'PageDown', shiftKey: true }, false)).toBeNull()
    expect(furtherCommand({ ...press, key: 'Tab', ctrlKey: false }, false)).toBeNull()
    // This one is the menu's.
    expect(furtherCommand({ ...press, key: '+' }, false)).toBeNull()
  })
})

describe('focus mode', () => {
  const state = EditorState.create({ doc: 'a\nb\n\nc\n   \nd\ne' })
  const linesAt = (from: number, to = from) =>
    paragraph(state, from, to).map((start) => state.doc.lineAt(start).number)

  it('keeps the paragraph at the caret, or those of a selection', () => {
    expect(linesAt(0)).toEqual([1, 2])
    expect(linesAt(3)).toEqual([1, 2])
    expect(linesAt(4)).toEqual([3])
    expect(linesAt(5)).toEqual([4])
    expect(linesAt(state.doc.length)).toEqual([6, 7])
    expect(linesAt(0, 5)).toEqual([1, 2, 3, 4])
  })

  it('looks no further than a screen', () => {
    const long = EditorState.create({ doc: 'word\n'.repeat(50_000) })
    expect(paragraph(long, 100_000, 100_000).length).toBeLessThan(500)
    expect(paragraph(long, 0, long.doc.length).length).toBeLessThan(500)
  })
})

describe('typewriter mode', () => {
  const state = EditorState.create({ doc: 'one two' })
  const moves = (spec: TransactionSpec) => movesCaret(state.update(spec))

  it('follows what its owner types and the keys that move the caret, and nothing else', () => {
    const changes = ChangeSet.of({ from: 0, insert: 'x' }, 7)
    expect(moves({ changes, userEvent: 'input.type' })).toBe(true)
    expect(moves({ changes, userEvent: 'delete.backward' })).toBe(true)
    expect(moves({ changes, userEvent: 'undo' })).toBe(true)
    expect(moves({ selection: EditorSelection.cursor(3), userEvent: 'select' })).toBe(true)
    expect(moves({ selection: EditorSelection.cursor(3), userEvent: 'select.pointer' })).toBe(false)
    expect(moves({ changes, annotations: Transaction.remote.of(true) })).toBe(false)
    expect(moves({ changes, userEvent: 'input', annotations: Transaction.remote.of(true) })).toBe(false)
    expect(moves({ selection: EditorSelection.cursor(3) })).toBe(false)
  })
})
