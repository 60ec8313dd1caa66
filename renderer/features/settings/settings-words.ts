import type { Settings } from '../../../preload/contract/settings'

/** A setting as the dialog lists it. */
export interface SettingWords {
  /** The library and the panel beside the text have their own ways to choose. */
  readonly id: Exclude<keyof Settings, 'panel' | `library${string}`>
  readonly group: 'Writing' | 'Look' | 'Spelling' | 'Search' | 'Notifications'
  readonly label: string
  /** Says what it does, where the label alone does not. */
  readonly hint?: string
  /** More words that find it. */
  readonly also: string
}

/** The settings in the order of the dialog; those of a group follow each other. */
export const settingsList: readonly SettingWords[] = [
  { id: 'font', group: 'Writing', label: 'Typeface', also: 'font letters serif sans mono' },
  { id: 'size', group: 'Writing', label: 'Text size', also: 'font bigger larger smaller zoom px' },
  { id: 'width', group: 'Writing', label: 'Line width', also: 'column page narrow medium wide' },
  {
    id: 'focus',
    group: 'Writing',
    label: 'Focus mode',
    hint: 'Dims all but the paragraph that you write in.',
    also: 'distraction concentrate',
  },
  {
    id: 'typewriter',
    group: 'Writing',
    label: 'Typewriter mode',
    hint: 'Keeps the line that you write in at the middle.',
    also: 'scroll center centre',
  },
  {
    id: 'source',
    group: 'Writing',
    label: 'Show all Markdown marks',
    hint: 'Else they show where the caret is.',
    also: 'source mode raw hide',
  },
  {
    id: 'selectionBar',
    group: 'Writing',
    label: 'Bar on selected words',
    hint: 'Buttons for bold, italic and links.',
    also: 'toolbar selection format popup',
  },
  { id: 'theme', group: 'Look', label: 'Theme', also: 'dark light system colours colors night' },
  {
    id: 'spelling',
    group: 'Spelling',
    label: 'Check spelling in',
    also: 'language English Deutsch German words',
  },
  {
    id: 'searchUnopened',
    group: 'Search',
    label: 'Search documents that you have not opened',
    hint: 'Reads them while you do nothing. Their text is kept sealed.',
    also: 'find unopened background text library',
  },
  {
    id: 'notify',
    group: 'Notifications',
    label: 'Tell me when I am elsewhere',
    hint: 'When somebody joins or writes while no window of Swarmpad is in front.',
    also: 'notification system background alert news',
  },
  {
    id: 'notifyDetails',
    group: 'Notifications',
    label: 'With names and titles',
    hint: 'They may show on a locked screen. Else it says only that there is news.',
    also: 'notification privacy lock',
  },
]

/** Returns the settings in whose words every word of `query` is found, in the order of the dialog. */
export function findSettings(query: string): SettingWords[] {
  const wanted = fold(query).split(/\s+/u).filter(Boolean)
  return settingsList.filter(({ group, label, hint = '', also }) => {
    const words = fold([group, label, hint, also].join(' '))
    return wanted.every((word) => words.includes(word))
  })
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
