import * as v from 'valibot'
import { call, event } from './shapes'

/** Sizes of the text, in px. */
export const textSizes = { least: 14, usual: 18, most: 24 } as const

/** Languages whose spelling can be checked. */
export const spellingLanguages = ['en', 'de'] as const

/** A language whose spelling can be checked. */
export type SpellingLanguage = (typeof spellingLanguages)[number]

/** Returns those of a system's languages (BCP 47 tags) whose spelling can be checked. */
export const spellingLanguagesOf = (tags: readonly string[]): SpellingLanguage[] =>
  spellingLanguages.filter((language) => tags.some((tag) => tag.toLowerCase().split(/[-_]/)[0] === language))

/** Longest name of a section of the library, in UTF-16 code units: a folder's path, and a word before it. */
const maxSection = 1_000
/** As many sections of the library can be open or closed, unlike at first. */
const maxTurned = 2_000

/** The shape of the settings. */
export const settingsShape = v.object({
  theme: v.picklist(['system', 'light', 'dark']),
  /** Typeface of the text of documents. */
  font: v.picklist(['serif', 'sans', 'mono']),
  /** Size of the text of documents, in px. */
  size: v.pipe(v.number(), v.integer(), v.minValue(textSizes.least), v.maxValue(textSizes.most)),
  /** Width of the column of text. */
  width: v.picklist(['narrow', 'medium', 'wide']),
  /** Languages whose spelling is checked, each once. */
  spelling: v.pipe(
    v.array(v.picklist(spellingLanguages)),
    v.check((languages) => new Set(languages).size === languages.length),
    v.readonly(),
  ),
  /** Selected words show a bar of formats. */
  selectionBar: v.boolean(),
  /** All but the paragraph at the caret is dimmed. */
  focus: v.boolean(),
  /** The line of the caret stays at the middle of the window while its owner types. */
  typewriter: v.boolean(),
  /** Texts show every mark of their Markdown. */
  source: v.boolean(),
  /** Part of the panel beside the text that is shown. */
  panel: v.picklist(['outline', 'links']),
  /** Documents that were kept and never opened are read in the background, so that a search finds them. */
  searchUnopened: v.boolean(),
  /** Order of the documents in the library. */
  librarySort: v.picklist(['edited', 'created', 'title']),
  /** Sections of the library that are open or closed, unlike at first. */
  libraryTurned: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(maxSection))),
    v.maxLength(maxTurned),
    v.readonly(),
  ),
  /** Notifications of the system while no window has the focus. */
  notify: v.boolean(),
  /** They have names and titles. */
  notifyDetails: v.boolean(),
})

/** How a person likes their windows on this computer. */
export type Settings = v.InferOutput<typeof settingsShape>

/** The settings of somebody who has changed none. */
export const defaultSettings: Settings = {
  theme: 'system',
  font: 'serif',
  size: textSizes.usual,
  width: 'medium',
  spelling: [],
  selectionBar: true,
  focus: false,
  typewriter: false,
  source: false,
  panel: 'outline',
  searchUnopened: true,
  librarySort: 'edited',
  libraryTurned: [],
  notify: false,
  notifyDetails: false,
}

/** Calls about the settings. */
export const settingsCalls = {
  settings: call().returns<Settings>(),
  /** Replaces all settings, in all windows and at the next start. */
  setSettings: call(settingsShape).returns<Settings>(),
}

/** Events about the settings. */
export const settingsEvents = {
  settings: event<Settings>(),
}
