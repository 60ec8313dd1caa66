import { readFileSync, writeFileSync } from 'node:fs'
import { nativeTheme } from 'electron'
import type { Settings } from '../../preload/contract/settings'

const themes: readonly Settings['theme'][] = ['system', 'light', 'dark']

/**
 * Gives windows, menus and dialogs the theme that the person chose. A file beside the profile's records holds it in
 * the clear, so that windows open in it before the profile is read.
 */
export class Theme {
  private readonly file: string
  private current: Settings['theme']

  /** Takes the theme of the last run. */
  constructor(file: string) {
    this.file = file
    this.current = readTheme(file)
    nativeTheme.themeSource = this.current
  }

  /** Changes the theme, also for the next start. */
  set(theme: Settings['theme']): void {
    if (theme === this.current) return
    this.current = theme
    nativeTheme.themeSource = theme
    try {
      writeFileSync(this.file, theme)
    } catch {
      // The next start begins with the theme of the last one, until the profile is read.
    }
  }
}

function readTheme(file: string): Settings['theme'] {
  try {
    const stored = readFileSync(file, 'utf8')
    return themes.find((theme) => theme === stored) ?? 'system'
  } catch {
    return 'system'
  }
}
