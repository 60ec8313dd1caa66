import { describe, expect, it } from 'vitest'
import { fieldMenu, type MenuActions, textMenu } from '../../../main/electron/text-menu'
import type { MenuPlace } from '../../../preload/contract/text-menu'

const place: MenuPlace = {
  isEditable: true,
  isSelected: true,
  canUndo: true,
  canRedo: false,
  isMisspelled: false,
  link: null,
  title: null,
  tag: null,
}
const word = { misspelled: 'wodr', suggestions: ['word', 'R&D', 'wood', 'ward'] }

/** The labels of a menu that is shown; in brackets those that cannot be chosen. */
function labels(items: Electron.MenuItemConstructorOptions[]): (string | undefined)[] {
  return items.map(({ type, label, enabled }) =>
    type === 'separator' ? '-' : enabled === false ? `(${label})` : label,
  )
}

function menu(changed: Partial<MenuPlace>, facts = word) {
  const done: unknown[] = []
  const noting = (name: string) => (detail?: unknown) => {
    // Electron gives clicks the item first.
    done.push(
      typeof detail === 'string' || (detail && 'kind' in (detail as object)) ? [name, detail] : [name],
    )
  }
  const act: MenuActions = {
    choose: noting('choose'),
    run: noting('run'),
    cut: noting('cut'),
    copy: noting('copy'),
    paste: noting('paste'),
    pastePlain: noting('pastePlain'),
    copyAddress: noting('copyAddress'),
  }
  const items = textMenu(facts, { ...place, ...changed }, act)
  const click = (label: string): void => {
    const click = items.find((item) => item.label === label)?.click as (() => void) | undefined
    click?.()
  }
  return { items, done, click }
}

describe('the menu of the text', () => {
  it('has three suggestions at most, and the entries of an editor', () => {
    const { items, done, click } = menu({ isMisspelled: true, link: 'https://example.org' })
    expect(labels(items)).toEqual([
      ...['word', 'R&&D', 'wood', 'Add to my words', '-', 'Open link', 'Copy address', '-'],
      ...['Undo', '(Redo)', '-', 'Cut', 'Copy', 'Paste', 'Paste without format', '-', 'Select all'],
    ])
    for (const label of ['R&&D', 'Add to my words', 'Open link', 'Copy address', 'Undo', 'Select all'])
      click(label)
    expect(done).toEqual([
      ['choose', { kind: 'replace', by: 'R&D' }],
      ['choose', { kind: 'add-word' }],
      ['choose', { kind: 'open-link' }],
      ['copyAddress', 'https://example.org'],
      ['run', 'undo'],
      ['choose', { kind: 'select-all' }],
    ])
  })

  it('leads to the document of a link, with a long title shortened', () => {
    const { items, done, click } = menu(
      { isEditable: false, title: 'R&D' },
      { misspelled: '', suggestions: [] },
    )
    expect(labels(items).slice(0, 3)).toEqual(['Open “R&&D”', 'Open in a new tab', '-'])
    click('Open “R&&D”')
    click('Open in a new tab')
    expect(done).toEqual([
      ['choose', { kind: 'open-document', how: 'here' }],
      ['choose', { kind: 'open-document', how: 'tab' }],
    ])
    expect(labels(menu({ title: 'x'.repeat(200) }).items)).toContain(`Open “${'x'.repeat(39)}…”`)
  })

  it('shows the documents with a tag', () => {
    const { items, done, click } = menu({ isEditable: false, tag: 'boat/trip' })
    expect(labels(items).slice(0, 2)).toEqual(['Show documents with #boat/trip', '-'])
    click('Show documents with #boat/trip')
    expect(done).toEqual([['choose', { kind: 'show-tag' }]])
  })

  it('says when there is no suggestion, and offers to add no endless word', () => {
    const { items } = menu({ isMisspelled: true }, { misspelled: 'x'.repeat(65), suggestions: [] })
    expect(labels(items).slice(0, 2)).toEqual(['(No suggestions)', '-'])
  })

  it('changes nothing in a text that is only read', () => {
    const { items } = menu({ isEditable: false, isMisspelled: true, link: 'https://example.org' })
    expect(labels(items)).toEqual(['Open link', 'Copy address', '-', 'Copy', '-', 'Select all'])
    expect(labels(menu({ isEditable: false, isSelected: false }).items)).toEqual([
      '(Copy)',
      '-',
      'Select all',
    ])
  })

  it('of a field has what the system can do there', () => {
    const flags = {
      canUndo: true,
      canRedo: false,
      canCut: false,
      canCopy: false,
      canPaste: true,
      canDelete: false,
      canSelectAll: true,
      canEditRichly: false,
    }
    expect(labels(fieldMenu(flags))).toEqual([
      ...['Undo', '(Redo)', '-', '(Cut)', '(Copy)', 'Paste', '-', 'Select all'],
    ])
  })
})
