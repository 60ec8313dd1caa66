import { describe, expect, it } from 'vitest'
import { tagsOf } from '../../../../preload/text/markdown/tags'

describe('the tags of a text', () => {
  it.each([
    ['A #red one, (#blue) and **#green**; #Red again.', ['blue', 'green', 'red']],
    [
      '#first line\n\n- #in-list\n> #in_quote\n\n| #cell |\n| --- |\n| x |',
      ['cell', 'first', 'in_quote', 'in-list'],
    ],
    [
      '#area/garden/ #2024 #q4-2024 #日本語 #größe #अभी',
      ['area/garden', 'größe', 'q4-2024', 'अभी', '日本語'],
    ],
    ['# Heading with #tag #\n\n## #other', ['other', 'tag']],
    ['`#code` and [#link](https://example.org/#part) <https://x.org/#y> https://x.org/a#b [[Note#Part]]', []],
    ['```\n#fenced\n```\n\n    #indented\n\n$#maths$ <b title="#x">#kept</b> <!-- #comment -->', ['kept']],
    ['no#tag a\\#escaped # alone ##double &#35;', []],
    [`#${'x'.repeat(101)} #${'y'.repeat(100)}`, ['y'.repeat(100)]],
    ['---\ntitle: x\ntags: [One, "#two", 3, a b]\n---\n#more', ['more', 'One', 'two']],
    ['---\ntags:\n  - one\n  - two\n---\n', ['one', 'two']],
    ['---\ntags: one, two\n---\n', ['one', 'two']],
    ['---\nother: [y]\ntags: [x,\n  "y z", \'w\',\n  #v, u]\n---\n#kept', ['kept', 'u', 'v', 'w', 'x']],
    ['---\ntags: # none yet\nmore: - x\n---\n#kept', ['kept']],
    ['---\ntags:\n- one # first\n- "#two"\nother:\n- three\n---\n', ['one', 'two']],
    ['---\ntags: [x\n---\n#kept', ['kept', 'x']],
    ['---\ntags: {a: b}\n---\n', []],
    ['text\n\n---\ntags: [x]\n---\n', []],
  ])('%j', (text, tags) => expect(tagsOf(text)).toEqual(tags))

  it('are a hundred at most', () => {
    expect(tagsOf(Array.from({ length: 150 }, (_, index) => `#tag${index}`).join(' '))).toHaveLength(100)
  })

  it('of front matter that is too long are left out, and none takes long to read', () => {
    const front = (yaml: string) => `---\ntags: [x]\n${yaml}\n---\n#kept`
    expect(tagsOf(front(`long: ${'x'.repeat(20_000)}`))).toEqual(['kept'])
    const before = process.cpuUsage()
    for (const part of ['? ', '[', '- ', '{a: ', '"', "'", '# ', '*a,', '\t', 'tags: ['])
      expect(tagsOf(`---\ntags: ${part.repeat(7_000 / part.length)}\n---\n#kept`)).toContain('kept')
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(2_000)
  })
})
