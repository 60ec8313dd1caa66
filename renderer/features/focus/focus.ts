import { Compartment } from '@codemirror/state'
import type { EditorFeature } from '../../editor/extension'
import type { SettingsState } from '../settings/settings.svelte'
import { focusMode } from './focus-mode'
import { typewriterMode } from './typewriter-mode'

/** Focus mode and typewriter mode, as the settings have them. */
export function focus(settings: Pick<SettingsState, 'watch'>): EditorFeature {
  const modes = new Compartment()
  return {
    extension: modes.of([]),
    attach: (view) => {
      let shown = ''
      return settings.watch(({ focus, typewriter }) => {
        const next = `${focus} ${typewriter}`
        if (next === shown) return
        shown = next
        view.dispatch({
          effects: modes.reconfigure([focus ? focusMode : [], typewriter ? typewriterMode : []]),
        })
      })
    },
  }
}
