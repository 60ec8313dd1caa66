import { EditorState } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { linkAt } from '../../../renderer/features/links/links'
import { markdownWriting } from '../../../renderer/features/markdown/markdown'
import { parsed } from './live/shown'

/** The address that a click on `|` opens. */
function clicked(text: string): string | null {
  const position = text.indexOf('|')
  const state = parsed(
    EditorState.create({ doc: text.replace('|', ''), extensions: markdownWriting.extension ?? [] }),
  )
  return linkAt(state, position)
}

describe('a click in the text', () => {
  it.each([
    ['see [the p|age](https://example.org/a) here', 'https://example.org/a'],
    ['see [page](https://exam|ple.org/a?b=c#d)', 'https://example.org/a?b=c#d'],
    ['see [page](<https://exam|ple.org/a b>)', null],
    ['<https://exam|ple.org>', 'https://example.org'],
    ['bare https://exam|ple.org/x, and on', 'https://example.org/x'],
    ['bare www.exam|ple.org', 'https://www.example.org'],
    ['ada@exam|ple.org', 'mailto:ada@example.org'],
    ['[write](mailto:ada@exam|ple.org)', 'mailto:ada@example.org'],
    ['[a]: https://exam|ple.org', 'https://example.org'],
    ['[x](HTTPS://EXAM|PLE.ORG)', 'HTTPS://EXAMPLE.ORG'],
    ['[*bold* li|nk](https://example.org)', 'https://example.org'],
    ['[https://bank.exam|ple](https://example.org)', 'https://example.org'],
    ['[see **https://bank.exam|ple**](https://example.org)', 'https://example.org'],
    ['[![pict|ure](https://example.org/p.png)](https://example.org)', 'https://example.org/p.png'],
  ])('%j opens %j', (text, address) => expect(clicked(text)).toBe(address))

  it.each([
    'no li|nk at all',
    '[https://bank.exam|ple](javascript:alert(1))',
    '[x](java|script:alert(1))',
    '[x](JavaScript:alert|(1))',
    '[x](file:///etc/pass|wd)',
    '[x](data:text/html,|hi)',
    '[x](swarmpad:|abc)',
    '[x](ms-settings:|ada@example.org)',
    '[x](/rel|ative)',
    '[x](//exam|ple.org)',
    '`https://exam|ple.org`',
    '[x](https://example.org) and fa|r away',
  ])('%j opens nothing', (text) => expect(clicked(text)).toBeNull())
})
