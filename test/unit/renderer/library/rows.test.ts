import { describe, expect, it } from 'vitest'
import type { SearchHit } from '../../../../preload/contract/search'
import {
  folderPaths,
  folderTree,
  moveTargets,
  nameStart,
  pathWords,
  readPath,
} from '../../../../renderer/features/library/folders'
import { rowForKey, TypeAhead } from '../../../../renderer/features/library/list-keys'
import { foundRows, libraryRows, type Row, rowHeight } from '../../../../renderer/features/library/rows'
import { documentOf } from './summaries'

const drawn = (rows: readonly Row[]) =>
  rows.map((row) => {
    const words =
      row.kind === 'section' ? `${row.open === false ? '>' : 'v'} ${row.words} ${row.count}` : row.key
    return `${'  '.repeat(row.level - 1)}${words} (${row.position} of ${row.siblings})`
  })

const all = [
  documentOf('on top', { pinned: true, folder: 'Choir' }),
  documentOf('old', { archived: true, pinned: true }),
  documentOf('spring', { folder: 'Choir/Spring' }),
  documentOf('minutes', { folder: 'Choir' }),
  documentOf('loose'),
  documentOf('apples', { folder: 'Garden 2' }),
]

describe('the rows of the library', () => {
  it('are pinned documents, folders with theirs, the rest and the archive', () => {
    expect(drawn(libraryRows(all, [], new Set()))).toEqual([
      'v Pinned 1 (1 of 5)',
      '  on top (1 of 1)',
      'v Choir 2 (2 of 5)',
      '  v Spring 1 (1 of 2)',
      '    spring (1 of 1)',
      '  minutes (2 of 2)',
      'v Garden 2 1 (3 of 5)',
      '  apples (1 of 1)',
      'v No folder 1 (4 of 5)',
      '  loose (1 of 1)',
      '> Archive 1 (5 of 5)',
    ])
  })

  it('close and open', () => {
    const turned = new Set(['folder:Choir', 'pinned', 'archive'])
    expect(drawn(libraryRows(all, [], turned))).toEqual([
      '> Pinned 1 (1 of 5)',
      '> Choir 2 (2 of 5)',
      'v Garden 2 1 (3 of 5)',
      '  apples (1 of 1)',
      'v No folder 1 (4 of 5)',
      '  loose (1 of 1)',
      'v Archive 1 (5 of 5)',
      '  old (1 of 1)',
    ])
  })

  it('have no headings where there is nothing to part, and a folder made here before it has documents', () => {
    const loose = [documentOf('a'), documentOf('b')]
    expect(drawn(libraryRows(loose, [], new Set()))).toEqual(['a (1 of 2)', 'b (2 of 2)'])
    expect(drawn(libraryRows(loose.slice(1), ['New/Inner'], new Set()))).toEqual([
      'v New 0 (1 of 2)',
      '  v Inner 0 (1 of 1)',
      'v No folder 1 (2 of 2)',
      '  b (1 of 1)',
    ])
  })

  it('take a second line for news and hits alone', () => {
    const [plain, news] = libraryRows([documentOf('a'), documentOf('b', { waiting: true })], [], new Set())
    expect(plain && rowHeight(plain)).toBe(34)
    expect(news && rowHeight(news)).toBe(52)
  })

  it('of a search are titles first, each with its hit, then texts, best first', () => {
    const hit = (id: string, at: SearchHit['at']): SearchHit => ({
      ...{ id, title: id, where: 'text', line: 'x', marks: [], at, count: 1 },
    })
    const known = new Map(all.map((document) => [document.id, document]))
    const titled = all.filter(({ id }) => id === 'spring' || id === 'minutes')
    const at = { from: 0, to: 1 }
    const hits = [
      hit('loose', at),
      hit('spring', at),
      hit('minutes', null),
      hit('gone', at),
      hit('apples', at),
    ]
    const rows = foundRows(titled, hits, (id) => known.get(id) ?? null)
    expect(drawn(rows)).toEqual([
      'spring (1 of 3)',
      'minutes (2 of 3)',
      'v In texts 2 (3 of 3)',
      '  loose (1 of 2)',
      '  apples (2 of 2)',
    ])
    expect(rows.map((row) => row.kind === 'document' && row.hit !== null)).toEqual([
      true,
      false,
      false,
      true,
      true,
    ])
  })
})

describe('keys in the list', () => {
  const rows = libraryRows(all, [], new Set())
  const go = (key: string, from: string) => {
    const to = rowForKey(
      key,
      rows,
      rows.findIndex((row) => row.key === from),
      4,
    )
    return to === null ? null : rows[to]?.key
  }

  it('lead from row to row, by pages, to the ends and to the heading', () => {
    expect(go('ArrowDown', 'on top')).toBe('folder:Choir')
    expect(go('ArrowUp', 'on top')).toBe('pinned')
    expect(go('End', 'minutes')).toBe('archive')
    expect(go('Home', 'minutes')).toBe('pinned')
    expect(go('ArrowLeft', 'spring')).toBe('folder:Choir/Spring')
    expect(go('ArrowLeft', 'folder:Choir/Spring')).toBe('folder:Choir')
    expect(go('ArrowLeft', 'folder:Choir')).toBeNull()
    expect(go('PageDown', 'folder:Choir')).toBe('folder:Garden 2')
    expect(go('PageDown', 'loose')).toBe('archive')
    expect(go('PageUp', 'loose')).toBe('minutes')
    expect(go('ArrowDown', 'archive')).toBeNull()
  })

  it('pass a heading that cannot be closed', () => {
    const hit = { id: 'loose', title: 'loose', where: 'text', line: '', marks: [], count: 1 } as const
    const found = foundRows([documentOf('a')], [{ ...hit, at: { from: 0, to: 1 } }], () =>
      documentOf('loose'),
    )
    expect(rowForKey('ArrowDown', found, 0, 4)).toBe(2)
    expect(rowForKey('ArrowLeft', found, 2, 4)).toBeNull()
  })

  it('find a row by the letters that it begins with', () => {
    const typing = new TypeAhead()
    const at = (index: number | null) => (index === null ? null : rows[index]?.key)
    expect(at(typing.type('s', rows, 0, 0))).toBe('folder:Choir/Spring')
    expect(at(typing.type('s', rows, 3, 100))).toBe('spring')
    expect(at(typing.type('m', rows, 4, 2_000))).toBe('minutes')
    expect(at(typing.type('i', rows, 5, 2_100))).toBe('minutes')
    expect(typing.type('q', rows, 5, 5_000)).toBeNull()
  })
})

describe('folders', () => {
  it('are a tree sorted by name, with those between', () => {
    const documents = [documentOf('a', { folder: 'b 10/c' }), documentOf('b', { folder: 'B 9' })]
    expect(folderPaths(folderTree(documents, ['A']))).toEqual(['A', 'B 9', 'b 10', 'b 10/c'])
  })

  it('keep the folder around them while their name is typed', () => {
    const kept = (path: string) => path.slice(0, nameStart(path))
    expect(['Garden', 'Garden/', 'Garden/Plants/Old'].map(kept)).toEqual(['', 'Garden/', 'Garden/Plants/'])
  })

  it('can be left for none, where a document is in one', () => {
    const [free, filed] = [documentOf('a'), documentOf('b', { folder: 'x' })]
    expect(moveTargets([free, filed], ['x', 'x/y']).map(pathWords)).toEqual(['No folder', 'x', 'x › y'])
    expect(moveTargets([free], ['x'])).toEqual(['x'])
  })

  it.each([
    [' Choir / Spring ', { path: 'Choir/Spring' }],
    ['', { problem: 'Type a name.' }],
    ['a//b', { problem: 'Each folder needs a name.' }],
    ['x'.repeat(101), { problem: 'A name can have up to 100 letters.' }],
    ['a/b/c/d/e/f/g/h/i', { problem: 'At most 8 folders can lie in each other.' }],
    ['a\tb', { problem: 'A name cannot have line breaks, tabs or invisible letters.' }],
  ])('read %j as %j', (typed, read) => expect(readPath(typed)).toEqual(read))
})
