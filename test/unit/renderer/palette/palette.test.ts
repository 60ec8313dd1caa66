import { beforeEach, describe, expect, it } from 'vitest'
import { type Command, commands } from '../../../../preload/commands'
import type { DocumentSummary } from '../../../../preload/contract/library'
import type { SearchState as Found, SearchHit } from '../../../../preload/contract/search'
import { keyWords } from '../../../../renderer/features/palette/key-words'
import { PaletteState } from '../../../../renderer/features/palette/palette.svelte'
import { queryOf, SearchState } from '../../../../renderer/features/search/search.svelte'
import { Border } from '../border'
import { summary } from '../summary'

const documents: DocumentSummary[] = [
  summary({ id: 'a', title: 'Autumn festival plan', editedAt: 3 }),
  summary({ id: 'b', title: 'Packing list', editedAt: 2 }),
  summary({ id: 'c', title: '', editedAt: 1 }),
]
const hit = (id: string, more: Partial<SearchHit> = {}): SearchHit => ({
  id,
  title: documents.find((document) => document.id === id)?.title ?? id,
  where: 'text',
  line: 'Buy apples',
  marks: [[4, 10]],
  at: { from: 20, to: 26 },
  count: 2,
  ...more,
})

let border: Border
let done: unknown[]
let current: string | null
let palette: PaletteState
beforeEach(() => {
  border = new Border()
  border.answers.search = () => ({ ok: true, value: { search: 7 } })
  done = []
  current = 'a'
  palette = new PaletteState({
    search: new SearchState(border),
    system: () => 'linux',
    documents: () => documents,
    now: () => 1_000,
    current: () => current,
    show: (...given) => done.push(['show', ...given]),
    create: (title) => done.push(['create', title]),
    find: (words) => done.push(['find', words]),
    run: (id) => done.push(['run', id]),
    ended: () => undefined,
  })
})

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const tell = (more: Partial<Found>) =>
  border.tell('searchHits', {
    search: 7,
    hits: [],
    done: true,
    searched: 3,
    documents: 3,
    failure: null,
    ...more,
  })
const keys = () => palette.groups.map(({ name, rows }) => `${name}: ${rows.map(({ key }) => key).join(', ')}`)

describe('the palette', () => {
  it('begins with what was opened and edited last, and the document on screen at the end', () => {
    palette.type('')
    expect(keys()).toEqual(['Recent: title b, title c, title a'])
    palette.shown('c')
    palette.shown('a')
    expect(keys()).toEqual(['Recent: title c, title b, title a'])
    expect(palette.selected?.words).toBe('Untitled')
  })

  it('shows titles at once, then texts, and keeps what is selected', async () => {
    palette.type('plan')
    palette.pin()
    expect(keys()).toEqual(['Documents: title a', 'Do: new, find'])
    palette.move(1)
    expect(palette.selected?.key).toBe('new')
    await turn()
    tell({ hits: [hit('b'), hit('a', { where: 'title', at: null })], done: false })
    expect(keys()).toEqual(['Documents: title a', 'In texts: text b', 'Do: new, find'])
    expect(palette.selected?.key).toBe('new')
    palette.move(-1)
    tell({ hits: [hit('c'), hit('b')] })
    expect(palette.selected?.key).toBe('text b')
    palette.choose(palette.rows[2] ?? expect.fail(), 'tab')
    expect(done).toEqual([['show', 'b', { from: 20, to: 26 }, 'tab']])
  })

  it('selects nothing while a better answer may come, and no answer to another query', async () => {
    palette.type('apples')
    expect(palette.selected).toBeNull()
    await turn()
    tell({ hits: [hit('b')] })
    expect([palette.selected?.key, palette.isSettled]).toEqual(['text b', true])
    palette.type('apples x')
    expect(palette.isSettled).toBe(false)
    await turn()
    tell({ search: 6, hits: [hit('c')] })
    expect(palette.isSettled).toBe(false)
    tell({})
    expect([palette.selected?.key, palette.isSettled]).toEqual(['new', true])
    expect(palette.found).toBe('Nothing found')
  })

  it('takes an answer that comes before the number of its search', async () => {
    palette.type('apples')
    tell({ hits: [hit('b')] })
    expect(palette.selected).toBeNull()
    await turn()
    expect(palette.selected?.key).toBe('text b')
    expect(palette.found).toBe('In texts: 1')
  })

  it('lists commands with their keys, those of the text only with a text', () => {
    palette.type('>bold')
    const [row] = palette.rows
    expect([row?.words, row?.about, row?.keys]).toEqual(['Bold', 'Format', 'Ctrl B'])
    palette.choose(row ?? expect.fail(), 'here')
    expect(done).toEqual([['run', 'bold']])
    current = null
    palette.type('>bold ')
    palette.type('>')
    expect(palette.rows.map(({ key }) => key)).not.toContain('bold')
    expect(palette.rows.map(({ key }) => key)).toContain('new-window')
    expect(border.asked.filter((asked) => asked.startsWith('search'))).toEqual([])
  })

  it('goes around at the ends by a step, and stops there by a page', () => {
    palette.type('')
    palette.move(-1)
    expect(palette.selected?.key).toBe('title a')
    palette.move(1)
    expect(palette.selected?.key).toBe('title b')
    palette.move(8)
    expect(palette.selected?.key).toBe('title a')
  })

  it('makes documents and finds words', () => {
    palette.type('  apples ')
    for (const row of palette.rows) palette.choose(row, 'here')
    expect(done).toEqual([
      ['create', 'apples'],
      ['find', 'apples'],
    ])
  })
})

describe('a query', () => {
  it.each([
    ['two words', { text: 'two words', kind: 'words' }],
    ['/ap+les/', { text: 'ap+les', kind: 'regexp' }],
    ['/', { text: '/', kind: 'words' }],
    [' " ', null],
    ['', null],
  ])('is made of %j', (typed, expected) => expect(queryOf(typed)).toEqual(expected))
})

describe('the keys of a command', () => {
  it.each([
    ['share', 'Ctrl Shift E', '⇧⌘E'],
    ['caret-above', 'Ctrl Alt ↑', '⌥⌘↑'],
    ['smaller-text', 'Ctrl -', '⌘-'],
    ['open-file', '', ''],
  ])('%s are written %j, and on macOS %j', (id, linux, mac) => {
    const command: Command | undefined = commands.find((one) => one.id === id)
    if (!command) expect.fail()
    expect([keyWords(command, 'linux'), keyWords(command, 'mac')]).toEqual([linux, mac])
  })
})
