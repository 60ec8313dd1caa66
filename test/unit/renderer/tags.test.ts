import { describe, expect, it } from 'vitest'
import { tagAt } from '../../../renderer/features/tags/tags'
import { stateOf } from './live/shown'

const at = (marked: string) => tagAt(stateOf(marked), marked.indexOf('|'))

describe('the tag at a place of the text', () => {
  it.each([
    ['a |#sail b', 'sail'],
    ['a #s|ail/small b', 'sail/small'],
    ['a **#größe|**', 'größe'],
    ['line\n#two|', 'two'],
    ['- #item| and', 'item'],
    ['# Heading with #ta|g', 'tag'],
    ['Heading with #ta|g\n===', 'tag'],
    ['a #sail |b', null],
    ['a #2024|', null],
    ['a#sail|', null],
  ])('%j', (marked, tag) => expect(at(marked)).toBe(tag))

  it.each([
    '`#co|de`',
    '```\n#fen|ced\n```',
    '[#li|nk](https://example.org)',
    '[[Note #pa|rt]]',
    'https://example.org/#y|',
    '<https://x.org/#y|>',
    '---\ntags: "#o|ne"\n---\n\nwords',
  ])('finds no tag in %j', (marked) => expect(at(marked)).toBeNull())

  it('finds no tag in a line that is too long to be drawn', () =>
    expect(at(`#tag|${' x'.repeat(3_000)}`)).toBeNull())
})
