import { describe, expect, it } from 'vitest'
import { handedOver, openingOf, readHandedOver } from '../../../main/electron/deep-links'
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

  it.each([
    ['file:///home/ada/%C3%9Cber%20uns.md', '/home/ada/Über uns.md'],
    ['FILE:/tmp/a.md', '/tmp/a.md'],
    ['file://localhost/tmp/a.md', '/tmp/a.md'],
  ])('is a file when it is the address of one: %s', (address, path) => {
    expect(openingOf(address, '/home')).toEqual({ kind: 'file', path })
  })

  it.each(['file://server/share/a.md', 'file:///tmp/a%2Fb.md', 'file:///tmp/%ff.md'])(
    'is no file when its address is elsewhere or none: %s',
    (address) => {
      expect(openingOf(address, '/home')).toEqual({ kind: 'elsewhere', name: address })
    },
  )

  it('from another process is looked at before it is believed', () => {
    for (const opening of [
      openingOf('swarmpad:spw1q', '/'),
      openingOf(`<${link}>`, '/'),
      openingOf('a.md', '/tmp'),
      openingOf('file://host/a.md', '/tmp'),
    ])
      expect(readHandedOver(handedOver([opening, opening]))).toEqual([opening, opening])
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
      { kind: 'elsewhere' },
    ]
    const handed = (value: unknown) => readHandedOver(handedOver(value as never))
    expect(handed(wrong)).toEqual([])
    expect(handed({ kind: 'link', link })).toEqual([])
    expect(handed(Array(1_000).fill({ kind: 'link', link }))).toHaveLength(200)
    for (const value of [...wrong, '{', 'W10', '[]']) expect(readHandedOver(value)).toEqual([])
  })

  it('is handed over in letters of one byte, whatever it is called', () => {
    const opening = openingOf('/tmp/日本 ü.md', '/')
    expect(handedOver([opening])).toMatch(/^[\w+/=]+$/)
    expect(readHandedOver(handedOver([opening]))).toEqual([opening])
  })
})
