import { describe, expect, it } from 'vitest'
import { htmlToMarkdown } from '../../../../renderer/features/clipboard/html/html-to-markdown'
import { markdownToHtml } from '../../../../renderer/features/clipboard/html/markdown-to-html'

describe('links between documents on the clipboard', () => {
  it('are words for other programs', () => {
    const html = markdownToHtml('# See [[Plan]] or [[Plan#Costs|the *costs*]]\n\n`[[Plan]]` [[ ]]') ?? ''
    expect(html).toContain('<h1>See Plan or ')
    expect(html).toContain('<code>[[Plan]]</code> [[ ]]')
    expect(markdownToHtml('[[Plan|the plan]]')).toBeNull()
  })

  it('are not made of brackets that come from there', () => {
    expect(htmlToMarkdown('<p>a [[Plan]] and [[Plan|b]] [[]]</p>').markdown).toBe(
      'a \\[[Plan]] and \\[[Plan|b]] [[]]',
    )
  })
})
