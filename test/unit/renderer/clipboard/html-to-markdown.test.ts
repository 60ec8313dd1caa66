import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { htmlToMarkdown } from '../../../../renderer/features/clipboard/html/html-to-markdown'
import { samples } from './clipboard-samples'

const convert = (html: string) => htmlToMarkdown(html).markdown

describe('HTML of a clipboard', () => {
  it.each(samples)('from $from becomes Markdown', ({ html, markdown }) => {
    expect(convert(html)).toBe(markdown)
  })

  it.each([
    ['<script>alert(1)</script><style>p{}</style>text', 'text'],
    [
      '<a href="javascript:alert(1)">a</a> <a href=" data:text/html,x">b</a> <a href="file:///c">c</a>',
      'a b c',
    ],
    ['<a href="JAVASCRIPT&colon;alert(1)">a</a><a href="java&#9;script:x">b</a>', 'ab'],
    [
      '<img src="data:image/png;base64,AAAA" alt="A cat"> <img src="file:///x.png"><img src=x onerror=alert(1)>',
      'A cat',
    ],
    ['<svg onload=alert(1)><text>x</text></svg><math><mi>y</mi></math><iframe src=x></iframe>z', 'z'],
    [
      '<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;b onclick=x&gt;</p>',
      '\\<script>alert(1)\\</script> \\<b onclick=x>',
    ],
    ['<a href="https://e.org/&quot;><script>x</script>">a</a>', '[a](https://e.org/"><script>x</script>)'],
    ['<!--[if gte mso 9]><xml><o:p>x</o:p></xml><![endif]-->a<!-- b -->', 'a'],
    ['<p hidden>no</p><p style="display:none">no</p><p aria-hidden="true">no</p><p>yes</p>', 'yes'],
    ['<button>Copy</button><select><option>x</select><input value=x><textarea>t</textarea>a', 'a'],
    ['<template><p>x</p></template><noscript><p>y</p></noscript>a', 'a'],
  ])('brings no HTML, script or address of another kind: %j', (html, markdown) => {
    expect(convert(html)).toBe(markdown)
  })

  it.each([
    ['<b>bold </b>and<i> soft</i>', '**bold** and *soft*'],
    ['<b>one</b><b> two</b>', '**one two**'],
    ['<b> </b>x<i></i>', 'x'],
    ['<h2>A <b>bold</b><br>head</h2>', '## A bold head'],
    ['a<br><br>', 'a'],
    ['<ul><li>a</li></ul><ul><li>b</li></ul>', '- a\n- b'],
    ['<ol start="3"><li>a</li><li>b</li></ol>', '3. a\n4. b'],
    ['<ul><li><p>a</p><p>b</p></li><li>c</li></ul>', '- a\n\n  b\n\n- c'],
    [
      '<p>see <a href="https://e.org/a_b">https://e.org/a_b</a>, and more</p>',
      'see https://e.org/a_b, and more',
    ],
    ['<p>see<a href="https://e.org/a">https://e.org/a</a></p>', 'see<https://e.org/a>'],
    ['<a href="mailto:a@e.org">write [me]</a>', '[write \\[me\\]](mailto:a@e.org)'],
    ['<pre class="language-js">a_b *c*\n  d</pre>', '```js\na_b *c*\n  d\n```'],
    ['<div class="highlight highlight-source-ts"><pre>let a = 1\n</pre></div>', '```ts\nlet a = 1\n```'],
    ['<p>type <kbd>Ctrl</kbd></p>', 'type `Ctrl`'],
    ['a&nbsp;&nbsp; b', 'a b'],
    ['<table><tr><td>only</td></tr></table>', 'only'],
    [
      '<table><caption>All <b>fruit</b></caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>',
      'All **fruit**\n\n| a | b |\n| - | - |\n| 1 | 2 |',
    ],
    ['<table><caption>Fruit</caption><tr><td>only</td></tr></table>', 'Fruit\n\nonly'],
    [
      '<table><tr><th>a</th><th>b</th></tr><tr><td>x <ul><li>one<ul><li>in</li></ul></li><li><p>two</p></li></ul></td><td>2</td></tr></table>',
      '| a | b |\n| - | - |\n| x one; in; two | 2 |',
    ],
    ['<table><tr><td><table><tr><td>a</td></tr></table></td><td><h1>B</h1></td></tr></table>', 'a\n\n# B'],
    ['<table><tr><td colspan="100000">a</td><td>b</td></tr></table>', expect.stringMatching(/^.{1,200}\n/)],
    ['<u>under</u> <mark>marked</mark> <sup>2</sup>', 'under marked 2'],
    ['<dl><dt>a</dt><dd>b</dd></dl>', expect.stringContaining('a')],
    ['', ''],
    ['<p>&nbsp;</p>', ''],
  ])('%j', (html, markdown) => expect(convert(html)).toEqual(markdown))

  it('says which ends can join the words around', () => {
    const ends = (html: string) => {
      const { startsInline, endsInline } = htmlToMarkdown(html)
      return [startsInline, endsInline]
    }
    expect(ends('<b>words</b>')).toEqual([true, true])
    expect(ends('<p>a</p><ul><li>b</li></ul>')).toEqual([true, false])
    expect(ends('<h1>a</h1><p>b</p>')).toEqual([false, true])
  })

  it('is as large as a README', () => {
    const rows = readFileSync('README.md', 'utf8')
      .split('\n')
      .map((line) => `<p>${line.replaceAll('<', '&lt;')} <b>x</b></p>`)
    expect(convert(rows.join('')).split('\n\n').length).toBeGreaterThan(100)
  })
})
