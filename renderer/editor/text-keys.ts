import { standardKeymap } from '@codemirror/commands'
import type { Extension } from '@codemirror/state'
import { type Command, type KeyBinding, keymap } from '@codemirror/view'
import { commands, keysOf, type System } from '../../preload/commands'
import type { EditorFeature, TextCommand } from './extension'

/** The commands of the text that an editor's features carry out. */
export type TextCommands = { readonly [Id in TextCommand]?: Command }

/** Gathers the commands of an editor's features. Throws if two carry out the same one. */
export function textCommandsOf(features: readonly EditorFeature[]): TextCommands {
  const all: { [Id in TextCommand]?: Command } = {}
  for (const feature of features)
    for (const [id, run] of Object.entries(feature.commands ?? {}) as [TextCommand, Command][]) {
      if (all[id]) throw new Error(`Two features carry out ${id}`)
      all[id] = run
    }
  return all
}

/** Returns the key map of the text: the commands of the table, then the keys that each system has for carets. */
export const textKeys = (run: TextCommands, system = systemOf(navigator.platform)): Extension =>
  keymap.of([...textBindings(run, system), ...standardKeymap])

/** Returns the bindings of the table's commands that `run` has, for one system. */
export function textBindings(run: TextCommands, system: System): KeyBinding[] {
  return commands.flatMap((command) => {
    if (command.context === 'program' || command.context === 'window') return []
    const action = run[command.id]
    if (!action) return []
    const scope = command.context === 'find' ? 'editor search-panel' : 'editor'
    return keysOf(command, system).map((key) => ({
      key,
      run: action,
      scope,
      preventDefault: key.includes('-'),
    }))
  })
}

/** Returns the system that a browser's platform names. */
export const systemOf = (platform: string): System =>
  /^Mac/.test(platform) ? 'mac' : /^Win/.test(platform) ? 'windows' : 'linux'
