import { bech32m } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import {
  type DocumentKeys,
  keysFromRead,
  keysFromWrite,
  makeManifest,
  type Role,
} from '../../../main/keys/derive'
import {
  formatLink,
  formatPairingLink,
  keysFromLink,
  linksIn,
  longestText,
  parseLink,
  parsePairingLink,
} from '../../../main/keys/link'
import { randomFrom } from '../../support/random'
import vector from '../../vectors/links.json'
import { codeOf } from '../log/fixture'

const keys = keysFromWrite(Buffer.alloc(32, 7))
const roles: readonly Role[] = ['write', 'read', 'keep']
const links = Object.fromEntries(roles.map((role) => [role, formatLink(keys, role)])) as Record<Role, string>
const refusals = ['LINK_UNKNOWN', 'LINK_DAMAGED', 'LINK_UNSUPPORTED']
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789 :/?#.-_'

const same = (a: DocumentKeys, b: DocumentKeys) =>
  hex(a.documentId) === hex(b.documentId) && a.role === b.role

describe('links', () => {
  it.each(roles)('a %s link matches the frozen vector and gives its role back (L1)', (role) => {
    expect(links[role]).toBe(vector[role])
    const found = keysFromLink(parseLink(links[role]))
    expect(found.role).toBe(role)
    expect(hex(found.documentId)).toBe(hex(keys.documentId))
    expect(formatLink(found, role)).toBe(links[role])
  })

  it('can be given on at one’s own role or below only (L1)', () => {
    const reader = keysFromRead(keys.read ?? expect.fail(), makeManifest(keys))
    const keeper = keysFromLink(parseLink(links.keep))
    expect(formatLink(reader, 'keep')).toBe(links.keep)
    expect(codeOf(() => formatLink(reader, 'write'))).toBe('ROLE_TOO_LOW')
    expect(codeOf(() => formatLink(keeper, 'read'))).toBe('ROLE_TOO_LOW')
    expect(codeOf(() => formatLink(keeper, 'write'))).toBe('ROLE_TOO_LOW')
    const lonely = keysFromLink(parseLink(links.read))
    expect(codeOf(() => formatLink(lonely, 'keep'))).toBe('ROLE_TOO_LOW')
  })

  it.each(roles)('a %s link is read however it was pasted (L2)', (role) => {
    const link = links[role]
    const code = link.slice('swarmpad:'.length)
    for (const text of [
      link.toUpperCase(),
      `  ${link}\n`,
      `swarmpad://${code}`,
      `swarmpad://${code}/`,
      `${link}?from=mail#top`,
      `<${link}>`,
      `“${link}”`.replace(/[“”]/g, '"'),
      `${link}.`,
      code,
      `${link.slice(0, 40)}\r\n ${link.slice(40)}`,
      `\ufeff${link.slice(0, 20)}\u200b${link.slice(20)}`,
      `SwarmPad:${code.toUpperCase()}`,
      `Here is the link: ${link}`,
      `the link ${code} opens it`,
      `${link} see you tomorrow`,
      `${link}\n\nSent from my phone`,
      `[our notes](${link})`,
      `[${link}](${link})`,
      `mailto:ben@example.org?body=${encodeURIComponent(link)}`,
      encodeURIComponent(encodeURIComponent(`<${link}>`)),
      `https://example.org/open#${link}`,
      `file:///home/ada/${link}`,
      `/home/ada/${link}`,
      `x${link}`,
      `${link}${link}`,
      `> ${link.slice(0, 30)}\n> ${link.slice(30)}\n> Ben`,
      `${link.slice(0, 30)}=\r\n${link.slice(30)}`,
      `${link.slice(0, 30)}%0D%0A${link.slice(30)}`,
      `${link.slice(0, 30)}= \n${link.slice(30)}`,
      `${link.slice(0, 30)}\\\n${link.slice(30)}`,
      `> > ${link.slice(0, 30)}  \n> > ${link.slice(30)}`,
      `<a href="${link}">our notes</a>`,
      `<p>${link.slice(0, 50)}<br/>${link.slice(50, 60)}<wbr>${link.slice(60)}</p>`,
      `**${link}**, _${link}_; ***${code}***!`,
      `\`${link}\``,
      `„${link}“ «${link}» 『${link}』 ‚${link}‘`,
      `Dear Ben,\n\nthe plan is at ${link} and nowhere else.\n\n-- \nAda Byron\nspam & wasp1 Ltd.`,
      `On Monday, Ada wrote:\n> > See ${link.slice(0, 44)}\n> > ${link.slice(44)}\n> Thanks!\nGladly.`,
      `https://eur01.safelinks.example.com/?url=${encodeURIComponent(link)}&data=05%7C01`,
      `${'long words before it '.repeat(300)}${link}${' and behind it'.repeat(300)}`,
    ])
      expect(same(keysFromLink(parseLink(text)), keysFromLink(parseLink(link))), text).toBe(true)
  })

  it.each(roles)(
    'every single wrong, missing, doubled or swapped letter of a %s link is caught (L3)',
    (role) => {
      const link = links[role]
      const wrong = new Set<string>()
      for (let place = 0; place < link.length; place++) {
        for (const letter of letters) wrong.add(link.slice(0, place) + letter + link.slice(place + 1))
        wrong.add(link.slice(0, place) + link.slice(place + 1))
        wrong.add(link.slice(0, place) + link.charAt(place) + link.slice(place))
        wrong.add(link.slice(0, place) + link.charAt(place + 1) + link.charAt(place) + link.slice(place + 2))
        wrong.add(link.slice(0, place))
      }
      const code = link.slice('swarmpad:'.length)
      let opened = 0
      for (const text of wrong) {
        const refusal = codeOf(() => {
          if (!same(keysFromLink(parseLink(text)), keysFromLink(parseLink(link))))
            throw new Error(`opened: ${text}`)
          opened++
        })
        // An error in the optional part in front leaves the link whole.
        if (refusal === 'nothing') expect(text.endsWith(code), text).toBe(true)
        else expect(refusals, text).toContain(refusal)
      }
      expect(opened).toBeGreaterThan(1)
    },
  )

  it('20,000 links with 1 to 4 wrong letters are all caught (L3)', () => {
    const random = randomFrom(20_000)
    const charset = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
    for (let run = 0; run < 20_000; run++) {
      const link = links[random.pick(roles)]
      const text = [...link]
      for (let errors = 1 + random.below(4); errors > 0; errors--)
        text[13 + random.below(link.length - 13)] = charset.charAt(random.below(32))
      const wrong = text.join('')
      if (wrong !== link)
        expect(
          codeOf(() => parseLink(wrong)),
          wrong,
        ).toBe('LINK_DAMAGED')
    }
  })

  it('no kind can be turned into another (L3)', () => {
    const kinds = ['spw', 'spr', 'spk', 'spx']
    for (const role of roles)
      for (const kind of kinds) {
        const turned = links[role].replace(/sp[wrk]1/, `${kind}1`)
        if (turned !== links[role]) expect(codeOf(() => parseLink(turned))).toBe('LINK_DAMAGED')
      }
    // With a recomputed checksum it is a valid link, but to another document.
    const reread = bech32m.encode('spw', bech32m.decode(links.read.slice(9), 400).words, 400)
    expect(hex(keysFromLink(parseLink(reread)).documentId)).not.toBe(hex(keys.documentId))
  })

  it('a sound link of another kind, version or length is named as such (L4)', () => {
    const encode = (prefix: string, bytes: Uint8Array) => bech32m.encode(prefix, bech32m.toWords(bytes), 400)
    const body = (version: number, size: number) => Buffer.concat([Buffer.of(version), Buffer.alloc(size, 3)])
    expect(codeOf(() => parseLink(encode('spx', body(1, 32))))).toBe('LINK_UNSUPPORTED')
    expect(codeOf(() => parseLink(`swarmpad:${encode('doc', body(1, 32))}`))).toBe('LINK_UNSUPPORTED')
    expect(codeOf(() => parseLink(encode('spw', body(2, 32))))).toBe('LINK_UNSUPPORTED')
    expect(codeOf(() => parseLink(encode('spw', body(0, 40))))).toBe('LINK_UNSUPPORTED')
    for (const size of [0, 31, 33, 64])
      expect(codeOf(() => parseLink(encode('spw', body(1, size))))).toBe('LINK_DAMAGED')
    expect(codeOf(() => parseLink(encode('spk', body(1, 32))))).toBe('LINK_DAMAGED')
  })

  it('one that pairs computers and one that opens a document are told apart (L5)', () => {
    const secret = Buffer.alloc(32, 9)
    const pairing = formatPairingLink(secret)
    expect(pairing).toHaveLength(72)
    expect(hex(parsePairingLink(` ${pairing.toUpperCase()}. `))).toBe(hex(secret))
    expect(codeOf(() => parseLink(pairing))).toBe('LINK_OTHER')
    for (const role of roles) expect(codeOf(() => parsePairingLink(links[role]))).toBe('LINK_OTHER')
    for (const text of ['', 'hello', 'https://example.com/spd1qqq'])
      expect(codeOf(() => parsePairingLink(text))).toBe('LINK_UNKNOWN')
    for (let place = 13; place < pairing.length; place++) {
      const wrong = pairing.slice(0, place) + (pairing[place] === 'q' ? 'p' : 'q') + pairing.slice(place + 1)
      expect(codeOf(() => parsePairingLink(wrong))).toBe('LINK_DAMAGED')
      expect(codeOf(() => parseLink(wrong))).toBe('LINK_DAMAGED')
    }
    const encode = (bytes: Uint8Array) => bech32m.encode('spd', bech32m.toWords(bytes), 400)
    for (const parse of [parseLink, parsePairingLink]) {
      expect(codeOf(() => parse(encode(Buffer.concat([Buffer.of(2), secret]))))).toBe('LINK_UNSUPPORTED')
      expect(codeOf(() => parse(encode(Buffer.alloc(20, 1))))).toBe('LINK_DAMAGED')
    }
  })

  it('of several links in a text none is taken (L2)', () => {
    expect(codeOf(() => parseLink(`${links.write} ${links.read}`))).toBe('LINK_SEVERAL')
    for (const between of [' ', '', '?next=', '\n'])
      expect(codeOf(() => parseLink(`${links.write}${between}${links.read}`))).toBe('LINK_SEVERAL')
    expect(codeOf(() => parsePairingLink(`${links.write} ${formatPairingLink(Buffer.alloc(32, 9))}`))).toBe(
      'LINK_SEVERAL',
    )
    expect(
      linksIn(`${links.read}, ${links.write} and ${links.read.toUpperCase()}`).map(({ role }) => role),
    ).toEqual(['read', 'write'])
    // One that pairs computers opens no document.
    expect(parseLink(`${formatPairingLink(Buffer.alloc(32, 9))} ${links.write}`).role).toBe('write')
    // One beside a damaged one is the one that is meant.
    expect(codeOf(() => parseLink(`${links.read.slice(0, -1)} ${links.write}`))).toBe('nothing')
  })

  it('all that stand in any text are found, and no other (L2)', () => {
    const random = randomFrom(18)
    const others = [1, 2, 3].map((fill) => keysFromWrite(Buffer.alloc(32, fill)))
    const known = [keys, ...others].flatMap((each) => roles.map((role) => formatLink(each, role)))
    const wraps: ((link: string) => string)[] = [
      (link) => link,
      (link) => `<${link}>`,
      (link) => `[here](${link}).`,
      (link) => `“${link}”`,
      (link) => `**${link.toUpperCase()}**`,
      (link) => encodeURIComponent(link),
      (link) => link.replace(/.{30}/g, '$&=\n> '),
      (link) => link.replace(/.{20}/g, '$&\u200b'),
    ]
    const fillers = [
      'see you',
      'swarmpad:',
      'spw1',
      '> ',
      'https://example.org/?a=%20',
      'Über',
      '😀',
      'q'.repeat(45),
    ]
    for (let run = 0; run < 400; run++) {
      const chosen = Array.from({ length: random.below(4) }, () => random.pick(known))
      const text = chosen
        .flatMap((link) => [random.pick(fillers), random.pick(wraps)(link), random.pick(fillers)])
        .join('\n\n')
      const found =
        chosen.length === 0 ? [] : linksIn(text).map((link) => formatLink(keysFromLink(link), link.role))
      expect(new Set(found), text).toEqual(new Set(chosen))
      expect(found).toHaveLength(new Set(chosen).size)
    }
  })

  it('a long text takes a time that grows with its length, and no longer one is looked at', () => {
    const timeOf = (unit: string, length: number): number => {
      const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
      const begin = process.cpuUsage()
      codeOf(() => linksIn(text))
      const { user, system } = process.cpuUsage(begin)
      return user + system
    }
    for (const unit of ['spw1', 'spw1 ', 'swarmpad:', 'swarmpad:///a', '/', '\t', ' \n> ', '%2525', '<br>'])
      for (const before of ['', 'swarmpad:']) {
        const least = () => Math.min(...[1, 2, 3].map(() => timeOf(before + unit, longestText / 4)))
        const most = Math.min(...[1, 2, 3].map(() => timeOf(before + unit, longestText)))
        // Four times as long; a square would be 16 times.
        expect(most, unit).toBeLessThan(10 * least() + 20_000)
      }
    expect(codeOf(() => linksIn(`${links.write} ${'a'.repeat(longestText)}`))).toBe('LINK_UNKNOWN')
  })

  it('one that is damaged is named in any wrapping (L3)', () => {
    const wrong = links.write.slice(0, -1)
    for (const text of [
      `<${wrong}>`,
      `Here it is: ${wrong}`,
      encodeURIComponent(wrong),
      `/home/ada/${wrong}`,
    ])
      expect(
        codeOf(() => parseLink(text)),
        text,
      ).toBe('LINK_DAMAGED')
  })

  it('other text is no link, and a message never quotes it', () => {
    for (const text of [
      '',
      ' ',
      'hello',
      'https://example.com/spw1qqq',
      'spam',
      'wasp 1 and others',
      'https://example.com/?next=swarmpad:',
      'a'.repeat(1e6),
    ])
      expect(codeOf(() => parseLink(text))).toBe('LINK_UNKNOWN')
    expect(codeOf(() => parseLink('swarmpad:'))).toBe('LINK_DAMAGED')
    expect(codeOf(() => parseLink(`swarmpad:${'q'.repeat(2_000)}`))).toBe('LINK_DAMAGED')
    const wrong = links.write.slice(0, -1)
    try {
      parseLink(wrong)
      expect.fail()
    } catch (error) {
      const told = error instanceof SwarmpadError ? `${error.message} ${String(error.cause)}` : expect.fail()
      expect(told).not.toContain(wrong.slice(20, 40))
    }
  })
})
