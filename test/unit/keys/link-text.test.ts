import { describe, expect, it } from 'vitest'
import { keysFromWrite } from '../../../main/keys/derive'
import { formatLink, formatPairingLink } from '../../../main/keys/link'
import { hideLinks } from '../../../main/keys/link-text'
import { randomFrom } from '../../support/random'

const keys = keysFromWrite(Buffer.alloc(32, 7))
const links = [
  ...(['write', 'read', 'keep'] as const).map((role) => formatLink(keys, role)),
  formatPairingLink(Buffer.alloc(32, 9)),
]

const percent = (text: string): string =>
  text.replace(/./gs, (letter) => `%${Buffer.from(letter).toString('hex')}`)
/** The longest part of a code that a text shows, by its letters alone. */
function shownOf(text: string, code: string): number {
  let bare = text
  for (let times = 0; times < 3; times++)
    bare = bare.replace(/%([0-9a-f]{2})/gi, (_, byte: string) =>
      String.fromCharCode(Number.parseInt(byte, 16)),
    )
  bare = bare
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
  let most = 0
  for (let from = 0; from < code.length; from++)
    for (let to = from + most + 1; to <= code.length && bare.includes(code.slice(from, to)); to++)
      most = to - from
  return most
}

const wrappings: readonly [string, (link: string, code: string) => string][] = [
  ['nothing', (link) => link],
  ['no scheme', (_, code) => code],
  ['upper case', (link) => link.toUpperCase()],
  ['angle brackets', (link) => `<${link}>`],
  ['brackets and quotes', (link) => `("['${link}'"])`],
  ['typographic quotes', (link) => `“${link}”`],
  ['Markdown', (link) => `[our notes](${link})`],
  ['backticks', (link) => `\`${link}\``],
  ['a word before it', (link) => `Hereisthelink${link}`],
  ['a word without a blank behind it', (link) => `${link}seeyou`],
  ['a longer text', (link) => `Here is the link: ${link} see you tomorrow, Ben`],
  ['percent-encoding', (link) => encodeURIComponent(`<${link}>`)],
  ['each letter percent-encoded', (link) => percent(link)],
  ['percent-encoding, three times', (link) => encodeURIComponent(encodeURIComponent(percent(link)))],
  ['mailto', (link) => `mailto:ben@example.org?body=${encodeURIComponent(link)}`],
  ['an address of the web', (link) => `https://example.org/open?link=${link}&from=mail#${link}`],
  ['a file address', (link) => `file:///home/ada/${link}`],
  ['a path', (link) => `/home/ada/${link}.md`],
  ['a line break', (link) => `${link.slice(0, 40)}\r\n ${link.slice(40)}`],
  ['a mail that quotes it', (link) => `> ${link.slice(0, 40)}\r\n> ${link.slice(40)}`],
  ['a mail that wraps it', (link) => `${link.slice(0, 40)}=\r\n${link.slice(40)}`],
  ['blanks', (link) => [...link].join(' ')],
  ['invisible characters', (link) => [...link].join('\u200b\u2060\ufeff')],
  ['control characters', (link) => [...link].join('\0')],
  [
    'wide letters',
    (link) => link.replace(/[a-z0-9]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0)),
  ],
  ['its last letters lost', (link) => link.slice(0, -12)],
  ['its first letters lost', (_, code) => code.slice(5)],
  ['a wrong letter', (link) => `${link.slice(0, 30)}b${link.slice(31)}`],
  ['a wrong letter in its prefix', (_, code) => `swarmpad:spwl${code.slice(4)}`],
  ['JSON', (link) => JSON.stringify({ label: `\n${link}\n` })],
]

describe('a text from outside that is shown', () => {
  it.each(wrappings)('does not show a link in it: %s (L6)', (_, wrap) => {
    for (const link of links) {
      const code = link.slice('swarmpad:'.length)
      const text = wrap(link, code)
      expect(shownOf(text, code), text).toBeGreaterThan(25)
      const shown = hideLinks(text)
      expect(shownOf(shown, code), shown).toBeLessThan(12)
      expect(shown).toContain('…')
      expect(hideLinks(shown)).toBe(shown)
    }
  })

  it('keeps the rest of its words', () => {
    const [link] = links
    expect(hideLinks(`There is no file “<${link}>”.`)).toBe('There is no file “<swarmpad:…>”.')
    expect(hideLinks(`${link} opens it, ${links[1]} too.`)).toBe('swarmpad:… opens it, swarmpad:… too.')
    for (const text of [
      '',
      'swarmpad: some text could not be saved',
      '/home/ada/Garden/wasp 1 and others.md',
      'There is no file “spw1-notes.md”.',
      '100 % of 25 %25 and %zz',
      '8c1f0e1b7d9a4f36a2c5e8d7b6f0a1928c1f0e1b7d9a4f36a2c5e8d7b6f0a192',
      // An id may have 40 letters in a row that a code could have.
      '9b8ac79098f6fd5324ef57d950ecc4f4ef32afc55c21d75b859d975386ad588f',
      `${'8ac79098f6fd5324ef57d950ecc4f4ef'.repeat(2)} is kept`,
      'Grüße aus Köln, 안녕, 👩‍👩‍👧 and e\u0301',
      'a'.repeat(30),
      'a\nb\r\n> c',
    ])
      expect(hideLinks(text)).toBe(text)
  })

  it('shows no link among random words and marks either (L6)', () => {
    const random = randomFrom(6)
    const pieces = [
      '<',
      '>',
      '(',
      ' ',
      '\n',
      '\u200b',
      '%3C',
      '%20',
      'the',
      'crisp',
      '1',
      'é',
      '%E2%80%8B',
      '/',
      '"',
      '=\n',
    ]
    for (let run = 0; run < 2_000; run++) {
      const link = random.pick(links)
      const code = link.slice('swarmpad:'.length)
      const some = () => Array.from({ length: random.below(6) }, () => random.pick(pieces)).join('')
      const place = random.below(link.length)
      const gap = random.below(3) === 0 ? random.pick([' ', '\n', '\u200b', '\r\n> ', '%0A']) : ''
      const text = `${some()}${link.slice(0, place)}${gap}${link.slice(place)}${some()}`
      const shown = hideLinks(text)
      expect(shownOf(shown, code), JSON.stringify(text)).toBeLessThan(20)
    }
  })
})
