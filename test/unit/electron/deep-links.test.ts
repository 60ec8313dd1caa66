import { describe, expect, it } from 'vitest'
import { canHandOver, handedOver, openingOf, readHandedOver } from '../../../main/electron/deep-links'
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
    `swarmpad:${'q'.repeat(20_000)}`,
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
    expect(handed(Array(2_000).fill({ kind: 'link', link }))).toHaveLength(1_000)
    for (const value of [...wrong, '{', 'W10', '[]']) expect(readHandedOver(value)).toEqual([])
  })

  it('is handed over only if the process that runs survives it', () => {
    const start = (count: number, name: string) => {
      const args = Array.from({ length: count }, (_, index) => `/home/ada/${name}${index}.md`)
      const handed = handedOver(args.map((argument) => openingOf(argument, '/home/ada')))
      const isHandedOver = canHandOver(handed, args, '/home/ada')
      return { isHandedOver, bytes: Buffer.byteLength([handed, '/home/ada', ...args].join('\0')) }
    }
    expect(start(100, 'notes from the garden of the year ')).toMatchObject({ isHandedOver: true })
    expect(start(250, 'a')).toMatchObject({ isHandedOver: true })
    expect(start(2_000, 'a')).toMatchObject({ isHandedOver: false })
    expect(start(1, '日'.repeat(10_000))).toMatchObject({ isHandedOver: false })
    const largest = Array.from({ length: 20 }, (_, index) => start(25 * index, 'ü')).filter(
      ({ isHandedOver }) => isHandedOver,
    )
    for (const { bytes } of largest) expect(bytes).toBeLessThan(28 * 1024)
    expect(canHandOver('', [`swarmpad:${'q'.repeat(32_768)}`], '/')).toBe(false)
  })

  it('is not cut to a wrong number when many files are handed over', () => {
    const openings = Array.from({ length: 300 }, (_, index) => openingOf(`/a/${index}`, '/'))
    expect(readHandedOver(handedOver(openings))).toHaveLength(300)
  })

  it('is handed over in letters of one byte, whatever it is called', () => {
    const opening = openingOf('/tmp/日本 ü.md', '/')
    expect(handedOver([opening])).toMatch(/^[\w+/=]+$/)
    expect(readHandedOver(handedOver([opening]))).toEqual([opening])
  })
})
