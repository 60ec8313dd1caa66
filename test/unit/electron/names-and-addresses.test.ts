import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { externalAddress, externalQuestion, siteOf } from '../../../main/electron/external-address'
import { failureOf, failurePage, failureText } from '../../../main/electron/failure-page'
import { fileNameFor, pictureNameFor } from '../../../main/files/file-name'
import { errorWords } from '../../../preload/messages/errors'

describe('a name for a copy', () => {
  it.each([
    ['Plan for June', 'Plan for June.md'],
    ['', 'Untitled.md'],
    ['../../etc/passwd', 'etc passwd.md'],
    ['a/b\\c:d*e?f"g<h>i|j', 'a b c d e f g h i j.md'],
    ['...', 'Untitled.md'],
    ['.hidden', 'hidden.md'],
    ['CON', 'Untitled.md'],
    ['tab\there\u202efdp.exe', 'tab here fdp.exe.md'],
    ['Größe 😀', 'Größe 😀.md'],
    ['\ud800', '\ufffd.md'],
  ])('%j becomes %j', (title, name) => {
    expect(fileNameFor(title)).toBe(name)
  })

  it('is short, and not cut within a character', () => {
    expect(fileNameFor('to be, '.repeat(40))).toBe(`${'to be, '.repeat(11)}to.md`)
    const family = '👩‍👩‍👧‍👦'
    expect(fileNameFor(family.repeat(100))).toBe(`${family.repeat(10)}.md`)
    for (const letter of ['語', '😀', family, 'e\u0301', 'क्षि'])
      for (const ending of ['md', 'swarmpad'] as const) {
        const name = fileNameFor(letter.repeat(200), ending)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
        expect(name.replace(`.${ending}`, '').replaceAll(letter, '')).toBe('')
      }
  })
})

describe('a name for a picture', () => {
  it.each([
    ['image.png', 'image.png'],
    ['Holiday.JPG', 'Holiday.jpg'],
    ['../x/y.svg', 'x y.svg'],
    ['icon.ico', 'icon.ico'],
    ['Poster.PSD', 'Poster.psd'],
    ['a.jxl', 'a.jxl'],
    ['a.jfif', 'a.jfif'],
    ['odd.exe', 'odd.exe.png'],
    ['.png', 'Picture.png'],
    ['', 'Picture.png'],
    [`${'語'.repeat(300)}.webp`, `${'語'.repeat(80)}.webp`],
  ])('%j becomes %j', (own, name) => {
    expect(pictureNameFor(own)).toBe(name)
  })
})

describe('an address outside', () => {
  it('is a web or mail address', () => {
    expect(externalAddress('https://example.org/a?b#c')).toBe('https://example.org/a?b#c')
    expect(externalAddress('HTTP://example.org')).toBe('http://example.org/')
    expect(externalAddress('mailto:ada@example.org')).toBe('mailto:ada@example.org')
  })

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'swarmpad:spw1x',
    'smb://host/share',
    'ms-msdt:/id',
    '//example.org',
    'example.org',
    'https://ada:secret@example.org',
    `https://example.org/${'x'.repeat(3_000)}`,
    '',
  ])('is not %s', (address) => {
    expect(() => externalAddress(address)).toThrow(expect.objectContaining({ code: 'ADDRESS_REFUSED' }))
  })
})

describe('the question before an address is opened', () => {
  const ask = (address: string) => externalQuestion(externalAddress(address))

  it('names the host as it is, not as it looks', () => {
    expect(ask('https://exаmple.org/a')).toEqual({
      message: 'Open xn--exmple-4nf.org outside Swarmpad?',
      detail: 'https://xn--exmple-4nf.org/a',
    })
    expect(ask('https://example.org\u3002evil.example/').message).toContain('example.org.evil.example')
    expect(ask('mailto:ada@example.org').message).toBe('Write a mail outside Swarmpad?')
  })

  it('tells that a site is not asked about again, where that is so', () => {
    const note = (address: string) => ask(address).detail.split('\n\n')[1]
    expect(note('https://example.org/a')).toBe(
      'Links of this document to example.org are not asked about again.',
    )
    expect(note('https://ex\u0430mple.org/a')).toBeUndefined()
    expect(note('mailto:ada@example.org')).toBeUndefined()
  })
})

describe('the site of an address', () => {
  it.each([
    ['https://example.org/another?x=1', 'https://example.org'],
    ['http://example.org/a', 'http://example.org'],
    ['https://example.org:8443/a', 'https://example.org:8443'],
    ['https://example.org.evil.example/', 'https://example.org.evil.example'],
    ['https://xn--exmple-4nf.org/', null],
    ['mailto:ada@example.org', null],
  ])('%s is %s', (address, site) => {
    expect(siteOf(address)).toBe(site)
  })
})

describe('the address in the question', () => {
  const ask = (address: string) => externalQuestion(externalAddress(address))

  it('shows all of it, and no letter that hides or turns others', () => {
    expect(
      ask(`https://example.org/${'a'.repeat(200)}`)
        .detail.split('\n\n')[0]
        ?.replaceAll('\n', ''),
    ).toHaveLength(220)
    expect(ask('https://example.org/\u202egpj.exe\u0000\u200b#\u2066x').detail.split('\n')[0]).toBe(
      'https://example.org/%E2%80%AEgpj.exe%00%E2%80%8B#%E2%81%A6x',
    )
    expect(externalQuestion('mailto:\u202e\u0007😀').detail).toBe('mailto:\\u{202e}\\u{7}\\u{1f600}')
    fc.assert(
      fc.property(
        fc.constantFrom('https://e.org/', 'https://e.org/?', 'mailto:'),
        fc.string({ unit: 'binary' }),
        (start, end) => {
          const { message, detail } = ask(start + end)
          expect(message + detail.replaceAll('\n', '')).toMatch(/^[ -~]+$/)
        },
      ),
      { seed: 20_261_124, numRuns: 2_000 },
    )
  })
})

describe('a failure to start', () => {
  it('says what happened and what to do, on a page and on a terminal', () => {
    const busy = new SwarmpadError('PROFILE_BUSY')
    const failure = failureOf(busy, '/p')
    expect(failure.title).toBe('This profile is already open')
    expect(failurePage(failure, 'abc')).toContain(errorWords(busy))
    expect(failurePage(failure, 'abc')).toContain('<style nonce="abc">')
    expect(failureText(failure)).toContain(`already open. ${errorWords(busy)}\n`)
    expect(failureText(failure)).toMatch(/\/p$/)
  })

  it('S18 says that a newer program has used the profile, and what to do', () => {
    const newer = new SwarmpadError('PROFILE_NEWER')
    const text = failureText(failureOf(newer, '/p'))
    expect(text).toMatch(/A newer Swarmpad has used this profile\. .*Install the newer version again/)
  })

  it('names the error of a folder that cannot be used', () => {
    const error = Object.assign(new Error('EACCES: /secret'), { code: 'EACCES' })
    expect(failureOf(error, '/p').message).toContain('EACCES')
    expect(failureOf('odd', '/p').message).toContain('unexpected')
    expect(failureOf(null, '/p').title).toBe('Swarmpad could not start')
  })

  it('puts nothing on the page that the page would read as its own', () => {
    const page = failurePage({ title: '<b>', message: '"&\'', directory: '/<script>' }, 'abc')
    expect(page).not.toMatch(/<b>|<script>|"&'/)
  })
})
