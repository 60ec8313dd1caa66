import { describe, expect, it } from 'vitest'
import { openingOf, readOpening } from '../../../main/electron/deep-links'
import { keysFromWrite } from '../../../main/keys/derive'
import { formatLink } from '../../../main/keys/link'

const link = formatLink(keysFromWrite(Buffer.alloc(32, 7)), 'write')

describe('something to open', () => {
  it.each([
    'swarmpad:',
    'SWARMPAD:spw1',
    ' swarmpad:x',
    'swarmpad://spr1abc',
    `spw1${'q'.repeat(60)}`,
    `spd1${'q'.repeat(60)}`,
    `<${link}>`,
    `<${link.slice(0, -1)}>`,
    link.toUpperCase(),
    encodeURIComponent(link),
    `mailto:ben@example.org?body=${encodeURIComponent(link)}`,
    `[our notes](${link})`,
    `Here is the link: ${link}`,
    `/home/ada/${link}`,
    `file:///home/ada/%3C${encodeURIComponent(link)}%3E`,
    `./${link}.md`,
  ])('is a link when it is meant as one or has one in it, sound or not: %s (L2)', (text) => {
    expect(openingOf(text, '/home/ada')).toEqual({ kind: 'link', link: text })
  })

  it.each([
    'notes.md',
    './swarmpad:x',
    'spw1.md',
    'spw1-notes',
    `spw1${'q'.repeat(60)}.md`,
    `/home/ada/${'q'.repeat(60)}.md`,
    'https://swarmpad:x',
    'wasp 1 and the other animals of the garden.md',
    `swarmpad:${'q'.repeat(5_000)}`,
  ])('is a file from the folder it was typed in otherwise: %s', (text) => {
    expect(openingOf(text, '/home/ada')).toMatchObject({ kind: 'file' })
    expect(openingOf('../b.md', '/home/ada')).toEqual({ kind: 'file', path: '/home/b.md' })
  })

  it('from another process is looked at before it is believed', () => {
    for (const opening of [
      openingOf('swarmpad:spw1q', '/'),
      openingOf(`<${link}>`, '/'),
      openingOf('a.md', '/tmp'),
    ])
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
