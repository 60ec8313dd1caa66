import { standardKeymap } from '@codemirror/commands'
import { describe, expect, it } from 'vitest'
import { acceleratorOf, type Command, commands, keysOf, type System } from '../../../preload/commands'
import type { TextCommand } from '../../../renderer/editor/extension'
import { textBindings, textCommandsOf } from '../../../renderer/editor/text-keys'
import type { DocumentSession } from '../../../renderer/features/document/document-session.svelte'
import { type EditorServices, editorFeatures } from '../../../renderer/features/document/editor-features'

const systems: readonly System[] = ['mac', 'windows', 'linux']
const all: readonly Command[] = commands

/** Keys with their modifiers in one order, as a system takes them. */
function normal(keys: string, system: System): string {
  const parts = keys.split(/-(?!$)/)
  const key = parts.pop() ?? ''
  const held = parts.map((part) => (part === 'Mod' ? (system === 'mac' ? 'Cmd' : 'Ctrl') : part))
  const letter = key.length === 1 && key !== key.toLowerCase() ? ['Shift'] : []
  return [...[...held, ...letter].sort(), key.toLowerCase()].join('-')
}

const commandKeys = (command: Command, system: System) =>
  keysOf(command, system).map((keys) => normal(keys, system))

/** Keys that move the caret or delete, as CodeMirror has them for a system. */
function caretKeys(system: System): string[] {
  return standardKeymap.flatMap((binding) => {
    const keys = (system === 'mac' ? binding.mac : undefined) ?? binding.key
    if (keys === undefined) return []
    return [normal(keys, system), ...(binding.shift ? [normal(`Shift-${keys}`, system)] : [])]
  })
}

describe('the table of commands', () => {
  it.each(systems)('has no key twice in one context on %s', (system) => {
    // The keyboard in the text reaches the commands of all contexts.
    const keys = [...all.flatMap((command) => commandKeys(command, system)), ...caretKeys(system)]
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
  })

  it.each(['windows', 'linux'] as const)('uses no AltGr letter on %s', (system) => {
    const keys = [...all.flatMap((command) => commandKeys(command, system)), ...caretKeys(system)]
    expect(keys.filter((key) => /Alt/.test(key) && /Ctrl/.test(key) && /-.$/.test(key))).toEqual([])
  })

  it.each(systems)('takes no key of a digit with Shift for the letter that it types on %s', (system) => {
    // CodeMirror looks for the letter first. On a German keyboard, Shift and 7 type a slash.
    const typed = [')=°', '!+1', '"@2', '§#·3', '$¤4', '%5', '&^6', '/7\\', '*(8', '()9']
    const keys = all
      .filter(({ context }) => context === 'text' || context === 'find')
      .flatMap((command) => keysOf(command, system))
    const shifted = keys.flatMap((key) => {
      const [, held, digit] = /^(.*)Shift-(\d)$/.exec(key) ?? []
      return digit ? [...(typed[Number(digit)] ?? '')].map((letter) => `${held}${letter}`) : []
    })
    expect(shifted.length).toBeGreaterThan(5)
    expect(keys.filter((key) => shifted.includes(key))).toEqual([])
  })

  it('names each command once, with a letter that chooses it only in its menu', () => {
    const ids = all.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const menu of ['file', 'edit', 'format', 'view', 'window']) {
      const letters = all
        .filter(({ place }) => place?.menu === menu)
        .map(({ title }) => /&(.)/.exec(title)?.[1]?.toLowerCase())
      expect(letters.every(Boolean), menu).toBe(true)
      expect(new Set(letters).size, menu).toBe(letters.length)
    }
  })

  it('is written for menus as Electron reads it', () => {
    expect(acceleratorOf('Mod-Shift-s')).toBe('CmdOrCtrl+Shift+S')
    expect(acceleratorOf('Mod-Alt-ArrowUp')).toBe('CmdOrCtrl+Alt+Up')
    expect(acceleratorOf('Mod--')).toBe('CmdOrCtrl+-')
    expect(acceleratorOf('Mod-+')).toBe('CmdOrCtrl+Plus')
  })

  it('has a feature of the editor for each command of the text', () => {
    const run = textCommandsOf(editorFeatures({} as DocumentSession, {} as EditorServices))
    const ofText = all
      .filter(({ context }) => context === 'text' || context === 'find')
      .map(({ id }) => id as TextCommand)
    expect(ofText.filter((id) => !run[id])).toEqual([])
    expect(textBindings(run, 'linux').map(({ key }) => key)).toContain('Alt-1')
    expect(textBindings(run, 'mac').map(({ key }) => key)).toContain('Mod-Alt-1')
    expect(textBindings(run, 'mac').map(({ key }) => key)).not.toContain('Alt-1')
  })
})
