import { describe, expect, it } from 'vitest'
import { isLink, openingOf, readOpening } from '../../../main/electron/deep-links'

describe('something to open', () => {
  it('is a link when it is meant as one, sound or not', () => {
    for (const text of [
      'swarmpad:',
      'SWARMPAD:spw1',
      'swarmpad://spr1abc',
      `spw1${'q'.repeat(60)}`,
      `spd1${'q'.repeat(60)}`,
    ])
      expect(isLink(text)).toBe(true)
    for (const text of [
      '',
      'notes.md',
      './swarmpad:x',
      'spw1.md',
      'spw1-notes',
      ' swarmpad:x',
      'https://swarmpad:x',
    ])
      expect(isLink(text)).toBe(false)
    expect(isLink(`swarmpad:${'q'.repeat(5_000)}`)).toBe(false)
  })

  it('is a file from the folder it was typed in otherwise', () => {
    expect(openingOf('../b.md', '/home/ada')).toEqual({ kind: 'file', path: '/home/b.md' })
  })

  it('from another process is looked at before it is believed', () => {
    for (const opening of [openingOf('swarmpad:spw1q', '/'), openingOf('a.md', '/tmp')])
      expect(readOpening(structuredClone(opening))).toEqual(opening)
    const wrong: unknown[] = [
      null,
      undefined,
      'swarmpad:x',
      {},
      { kind: 'link', link: 'notes.md' },
      { kind: 'link', link: 7 },
      { kind: 'file', path: 'relative.md' },
      { kind: 'file', path: `/${'x'.repeat(5_000)}` },
      { kind: 'file' },
      { kind: 'other', path: '/a' },
    ]
    for (const value of wrong) expect(readOpening(value)).toBeNull()
  })
})
