import { isAbsolute, relative, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../main/electron/command-line'
import { handedOver, openingOf, readHandedOver } from '../../main/electron/deep-links'
import { externalAddress, externalQuestion } from '../../main/electron/external-address'
import { isOwnPage, pageFile, pageOrigin } from '../../main/electron/page-files'
import { fileNameFor } from '../../main/files/file-name'
import { keysFromWrite } from '../../main/keys/derive'
import { formatLink, holdsLink, parseLink } from '../../main/keys/link'
import { hideLinks } from '../../main/keys/link-text'
import { terminalText } from '../../main/keys/terminal-text'
import { parseNode } from '../../main/network/node-address'
import { answer, fuzz } from '../support/fuzz'

const keys = keysFromWrite(Buffer.alloc(32, 7))
const links = (['write', 'read', 'keep'] as const).map((role) => formatLink(keys, role))
const linkErrors = ['LINK_UNKNOWN', 'LINK_SEVERAL', 'LINK_DAMAGED', 'LINK_UNSUPPORTED'] as const

const oddText = fc.constantFrom(
  ...['..', '../', '%2e%2e/', '%2f', '%5c', '\\', '//', '/', '\0', '\r\n', '?', '#', '@', ':', ' ', '"', "'"],
  ...['--', '=', ',', '%', '%ff', '\u202e', '\ud800', 'swarmpad:', 'SWARMPAD://', 'file:///etc/passwd'],
  ...['javascript:alert(1)', 'swarmpad-app://window/', 'https://', 'mailto:', 'data:text/html,', 'a@b.c'],
)
/** Pieces of sound links, paths, switches and addresses, and letters of any kind, in any order. */
const words = fc
  .array(
    fc.oneof(
      oddText,
      fc.constantFrom(...links),
      fc.tuple(fc.constantFrom(...links), fc.nat(140), fc.nat(140)).map(([link, a, b]) => link.slice(a, b)),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('notes.md', 'index.html', 'assets/app.js', '127.0.0.1:49737', 'host:99999'),
      fc.constantFrom('--profile', '--bootstrap', '--no-lan', '--inspect', '--remote-debugging-port=1', '-r'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))

describe('what comes from outside to be opened', () => {
  it('a link: read as one form of three, or refused', () => {
    let read = 0
    fuzz(6_000, words, (text) => {
      const link = answer(() => parseLink(text), ...linkErrors)
      if (!link) return
      read++
      expect(link.secret).toHaveLength(32)
      expect(['write', 'read', 'keep']).toContain(link.role)
    })
    expect(read).toBeGreaterThan(20)
  })

  it('a text that is shown: no forty letters of a link, and nothing that steers a terminal (L6)', () => {
    let hidden = 0
    const parts = links.flatMap((link) =>
      Array.from({ length: link.length - 48 }, (_, from) => link.slice(9 + from, 49 + from)),
    )
    const wraps = fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toUpperCase(),
      (text: string) => encodeURIComponent(text.toWellFormed()),
      (text: string) => text.replace(/(.{60})/g, '$1\r\n> '),
    )
    fuzz(6_000, fc.tuple(words, wraps), ([text, wrap]) => {
      const shown = hideLinks(wrap(text))
      if (shown !== wrap(text)) hidden++
      expect(parts.filter((part) => shown.toLowerCase().includes(part))).toEqual([])
      expect(terminalText(wrap(text))).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Cs}]/u)
    })
    expect(hidden).toBeGreaterThan(500)
  })

  it('an argument: a link or an absolute path, and nothing from another process but these', () => {
    let taken = 0
    const some = fc.oneof(words, fc.constantFrom(null, 7, undefined), fc.object({ maxDepth: 1 }))
    const handed = fc.record({
      kind: fc.constantFrom('link', 'file', 'elsewhere', 'x', '__proto__'),
      link: some,
      path: some,
      name: some,
    })
    fuzz(6_000, fc.tuple(words, fc.oneof(handed, some)), ([argument, value]) => {
      const opening = openingOf(argument, '/home/ada')
      if (opening.kind === 'link') expect(holdsLink(opening.link)).toBe(true)
      else if (opening.kind === 'file') expect(isAbsolute(opening.path)).toBe(true)
      else expect(opening.name.length).toBeLessThanOrEqual(255)
      const [passed] = readHandedOver(handedOver([value] as never))
      if (!passed) return
      taken++
      expect(Object.keys(passed)).toHaveLength(2)
      if (passed.kind === 'link') expect(holdsLink(passed.link)).toBe(true)
      else if (passed.kind === 'elsewhere') expect(passed.name.length).toBeLessThanOrEqual(255)
      else expect(isAbsolute(passed.path) && passed.path.length <= 4_096).toBe(true)
    })
    expect(taken).toBeGreaterThan(20)
  })

  it('a command line: things to open, whole addresses, and no switch taken for a file', () => {
    let taken = 0
    const place = { directory: '/home/ada', appPath: null }
    fuzz(6_000, fc.array(words, { maxLength: 5 }), (args) => {
      const line = answer(() => parseCommandLine(args, place), 'ARGUMENTS_INVALID')
      if (!line) return
      taken++
      for (const { host, port } of line.bootstrap ?? [])
        expect(parseNode(`${host}:${port}`)).toEqual({ host, port })
      if (line.profile !== null) expect(isAbsolute(line.profile)).toBe(true)
      expect(line.openings.length).toBeLessThanOrEqual(args.filter((one) => !/^(-|$)/.test(one)).length)
    })
    expect(taken).toBeGreaterThan(500)
  })

  it('an address of the window: a file below its folder, of a kind that it is made of, or nothing', () => {
    let found = 0
    const address = fc.tuple(
      fc.constantFrom(
        `${pageOrigin}/`,
        `${pageOrigin}/`,
        'swarmpad-app://other/',
        'file:///',
        'https://window/',
        '',
      ),
      words,
    )
    fuzz(6_000, address, ([origin, rest]) => {
      const file = pageFile('/app/window', origin + rest)
      if (!file) return
      found++
      const inside = relative('/app/window', file.path)
      expect(inside.startsWith('..') || isAbsolute(inside) || inside === '').toBe(false)
      expect(inside.split(sep).every((name) => /^\w[\w.-]*$/.test(name))).toBe(true)
      expect(isOwnPage(origin + rest)).toBe(true)
    })
    expect(found).toBeGreaterThan(20)
  })

  it('an address that leads outside: of the web or mail alone, shown in letters that cannot deceive', () => {
    let taken = 0
    const address = fc.tuple(fc.constantFrom('', 'https://example.org/', 'http://a.b/', 'mailto:'), words)
    fuzz(6_000, address, ([start, rest]) => {
      const href = answer(() => externalAddress(start + rest), 'ADDRESS_REFUSED')
      if (href === null) return
      taken++
      const { protocol, username, password } = new URL(href)
      expect([['http:', 'https:', 'mailto:'].includes(protocol), username, password]).toEqual([true, '', ''])
      const { message, detail } = externalQuestion(href)
      expect(`${message}${detail}`).toMatch(/^[ -~\n]*$/)
    })
    expect(taken).toBeGreaterThan(500)
  })

  it('a file name made of a title: one name, with nothing in it that a file system stumbles over', () => {
    fuzz(3_000, words, (title) => {
      const name = fileNameFor(title)
      expect([...name].every((letter) => letter >= ' ' && !'/\\:*?"<>|'.includes(letter))).toBe(true)
      expect(name).not.toMatch(/^[.\s]/)
      expect([...name].length).toBeLessThanOrEqual(83)
      expect(name.endsWith('.md')).toBe(true)
    })
  })
})
