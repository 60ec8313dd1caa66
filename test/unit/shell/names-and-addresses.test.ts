import { describe, expect, it } from 'vitest'
import { externalAddress } from '../../../main/electron/external-address'
import { failureOf, failurePage, failureText } from '../../../main/electron/failure-page'
import { fileNameFor } from '../../../main/electron/file-name'
import { SwarmpadError } from '../../../main/errors'

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
    expect([...fileNameFor('😀'.repeat(200))]).toHaveLength(80 + 3)
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
    expect(() => externalAddress(address)).toThrow(expect.objectContaining({ code: 'INVALID' }))
  })
})

describe('a failure to start', () => {
  it('says what happened and what to do, on a page and on a terminal', () => {
    const failure = failureOf(new SwarmpadError('PROFILE_BUSY', 'Use the other window.'), '/p')
    expect(failure.title).toBe('This profile is already open')
    expect(failurePage(failure, 'abc')).toContain('Use the other window.')
    expect(failurePage(failure, 'abc')).toContain('<style nonce="abc">')
    expect(failureText(failure)).toMatch(/already open\. Use the other window\.\n.*\/p$/)
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
