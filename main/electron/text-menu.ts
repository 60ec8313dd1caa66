import type { MenuItemConstructorOptions } from 'electron'
import { type Command, type CommandId, commands } from '../../preload/commands'
import { ownWordLimits } from '../../preload/contract/spelling'
import type { MenuChoice, MenuPlace } from '../../preload/contract/text-menu'
import { menuWords } from '../../preload/messages/text-menu'

/** Most suggestions that a menu shows. */
const mostSuggestions = 3
/** Letters of a title that a menu shows, in UTF-16 code units. */
const shownTitle = 40

/** Facts of Chromium about the place of a menu. */
export interface MenuFacts {
  readonly misspelled: string
  readonly suggestions: readonly string[]
}

/** Carries out the entries of menus. */
export interface MenuActions {
  /** Lets the window carry out an entry. */
  choose(choice: MenuChoice): void
  /** Runs a command of the table. */
  run(command: 'undo' | 'redo'): void
  cut(): void
  copy(): void
  paste(): void
  pastePlain(): void
  /** Puts an address on the clipboard. */
  copyAddress(address: string): void
}

type Items = MenuItemConstructorOptions[]

/** Returns the menu of a place in the text of a document. */
export function textMenu(facts: MenuFacts, place: MenuPlace, act: MenuActions): Items {
  const { isEditable, isSelected, link, title, tag } = place
  const copy = { label: menuWords.copy, enabled: isSelected, click: act.copy }
  return withLines([
    place.isMisspelled && isEditable ? spellingItems(facts, act) : [],
    link === null
      ? []
      : [
          { label: menuWords.openLink, click: () => act.choose({ kind: 'open-link' }) },
          { label: menuWords.copyAddress, click: () => act.copyAddress(link) },
        ],
    title === null
      ? []
      : [
          {
            label: menuWords.openDocument(shortened(title)).replaceAll('&', '&&'),
            click: () => act.choose({ kind: 'open-document', how: 'here' }),
          },
          { label: menuWords.openInTab, click: () => act.choose({ kind: 'open-document', how: 'tab' }) },
        ],
    tag === null
      ? []
      : [
          {
            label: menuWords.showTag(shortened(tag)).replaceAll('&', '&&'),
            click: () => act.choose({ kind: 'show-tag' }),
          },
        ],
    isEditable
      ? [
          { label: titleOf('undo'), enabled: place.canUndo, click: () => act.run('undo') },
          { label: titleOf('redo'), enabled: place.canRedo, click: () => act.run('redo') },
        ]
      : [],
    isEditable
      ? [
          { label: menuWords.cut, enabled: isSelected, click: act.cut },
          copy,
          { label: menuWords.paste, click: act.paste },
          { label: menuWords.pastePlain, click: act.pastePlain },
        ]
      : [copy],
    [{ label: menuWords.selectAll, click: () => act.choose({ kind: 'select-all' }) }],
  ])
}

/** Returns the menu of a field of a dialog; the system carries its entries out. */
export function fieldMenu(flags: Electron.EditFlags): Items {
  return withLines([
    [
      { role: 'undo', label: titleOf('undo'), enabled: flags.canUndo },
      { role: 'redo', label: titleOf('redo'), enabled: flags.canRedo },
    ],
    [
      { role: 'cut', label: menuWords.cut, enabled: flags.canCut },
      { role: 'copy', label: menuWords.copy, enabled: flags.canCopy },
      { role: 'paste', label: menuWords.paste, enabled: flags.canPaste },
    ],
    [{ role: 'selectAll', label: menuWords.selectAll, enabled: flags.canSelectAll }],
  ])
}

/** Returns the menu of selected words that are neither in a field nor in the text of a document. */
export const copyMenu = (): Items => [{ role: 'copy', label: menuWords.copy }]

function spellingItems({ misspelled, suggestions }: MenuFacts, act: MenuActions): Items {
  const shown = suggestions.slice(0, mostSuggestions)
  return [
    ...(shown.length === 0 ? [{ label: menuWords.noSuggestions, enabled: false }] : []),
    // In a label, '&' stands before the letter that chooses it.
    ...shown.map((by) => ({
      label: by.replaceAll('&', '&&'),
      click: () => act.choose({ kind: 'replace', by }),
    })),
    ...(misspelled.length > ownWordLimits.length
      ? []
      : [{ label: menuWords.addWord, click: () => act.choose({ kind: 'add-word' }) }]),
  ]
}

const shortened = (title: string): string =>
  title.length > shownTitle ? `${title.slice(0, shownTitle - 1).toWellFormed()}…` : title

/** Joins groups by lines; empty ones are left out. */
const withLines = (groups: readonly Items[]): Items =>
  groups
    .filter(({ length }) => length > 0)
    .flatMap((group, index) => (index === 0 ? group : [{ type: 'separator' } as const, ...group]))

/** Returns the title of a command without the letter that chooses it: that of another entry could be the same. */
function titleOf(id: CommandId): string {
  const command: Command | undefined = commands.find((one) => one.id === id)
  return command?.title.replace('&', '') ?? ''
}
