/** The letters of a link's code behind its prefix. */
const charset = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
/** Letters of the codes of the links that this program makes, by their prefix. Rule L1. */
const codeLengths: Readonly<Record<string, number>> = { spw: 63, spr: 63, spd: 63, spk: 114 }

/** Letters of the longest code that is decoded; the longest valid one has 114. */
export const longestCode = 400
/** Most places of a text at which a code may begin that are looked at. */
const mostPlaces = 800

/** The letters and marks of a text, without characters that may be inside a link, and their places. */
interface Bare {
  /** In lower case; a percent-encoded character is decoded. */
  readonly text: string
  /** By place in `text`: where it begins and ends in the text that was given, in UTF-16 code units. */
  readonly from: readonly number[]
  readonly to: readonly number[]
  /** By place in `text`: true after a blank or a line break. */
  readonly apart: readonly boolean[]
}

/**
 * A line break with the marks of a mail, of Markdown or of HTML around it, a character that is percent-encoded (also
 * repeatedly), or any.
 */
const token = /(?<line>[=\\]?[ \t]{0,8}\r?\n[\s>|]*|<w?br ?\/?>)|%(?:25)*(?<byte>[0-9a-f]{2})|./gisu
/** Cannot be seen. */
const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Cc}]$/u

function bareOf(text: string): Bare {
  let bare = ''
  const [from, to, apart]: [number[], number[], boolean[]] = [[], [], []]
  let isApart = false
  for (const match of text.matchAll(token)) {
    const { line, byte } = match.groups ?? {}
    const code = byte === undefined ? 0 : Number.parseInt(byte, 16)
    // A part of a character beyond ASCII, which no link has.
    if (code > 0x7f) continue
    const character = byte === undefined ? plain(match[0]) : String.fromCharCode(code).toLowerCase()
    if (line !== undefined || /^\s+$/.test(character)) isApart = true
    else if (!invisible.test(character))
      for (const unit of character.split('')) {
        bare += unit
        from.push(match.index)
        to.push(match.index + match[0].length)
        apart.push(isApart)
        isApart = false
      }
  }
  return { text: bare, from, to, apart }
}

/** A character in lower case and in its usual form. */
const plain = (character: string): string =>
  (character <= '\u007f' ? character : character.normalize('NFKC')).toLowerCase()

const isLetter = (text: string, place: number): boolean => /[a-z0-9]/.test(text.charAt(place))
/** Returns true where a word begins or ends. */
const isBoundary = ({ text, apart }: Bare, place: number): boolean =>
  place === 0 ||
  !isLetter(text, place - 1) ||
  !isLetter(text, place) ||
  apart[place] === true ||
  text.startsWith('swarmpad:', place)

function wordEnd(bare: Bare, place: number): number {
  let end = place
  while (!isBoundary(bare, end)) end++
  return end
}

/** Returns where the word at `place` ends; a place behind `longestCode` letters where it is longer. */
function codeEnd(bare: Bare, place: number): number {
  let end = place + 1
  while (end - place <= longestCode && !isBoundary(bare, end)) end++
  return end
}

/**
 * Finds possible codes of links in a text, in lower case and without their scheme. Each is one word or
 * several. The checksum decides which are links. Rule L2.
 */
export function codesIn(text: string): string[] {
  const bare = bareOf(text)
  const codes = new Set<string>()
  let places = 0
  for (const { index } of bare.text.matchAll(/sp[a-z]1|(?<=swarmpad:\/{0,8})[a-z0-9]/g)) {
    if (!isBoundary(bare, index)) continue
    if (++places > mostPlaces) break
    const known = index + (codeLengths[bare.text.slice(index, index + 3)] ?? 0)
    if (isBoundary(bare, known)) codes.add(bare.text.slice(index, known))
    const end = codeEnd(bare, index)
    if (end - index <= longestCode) codes.add(bare.text.slice(index, end))
  }
  return [...codes]
}

/**
 * Returns true for a text that is meant as a link, valid or not: it begins with the scheme, has the scheme
 * before the beginning of a code, or is nothing but a code. Rule L3.
 */
export const namesLink = (text: string): boolean =>
  /^[^a-z0-9./\\]*swarmpad:|swarmpad:\/*sp[a-z]1|^[^a-z0-9./\\]*sp[a-z]1[a-z0-9]{20,}[^a-z0-9]*$/.test(
    bareOf(text).text,
  )

/** In one piece, also with wrong letters in it, or with its beginning lost. */
const wholeCode = new RegExp(`(?:sp[a-z]1|(?<=swarmpad:/{0,8}))[a-z0-9]{20,}|[${charset}]{40,}`, 'g')
/** With blanks and line breaks in it. */
const brokenCode = new RegExp(`sp[a-z]1[${charset}]{20,}`, 'g')

/**
 * Replaces each code of a link in a text by an ellipsis, valid or damaged, however it is wrapped or encoded. Any
 * text from outside goes through this before it is put into a message or a journal, or on a terminal. Other words of
 * 40 letters and more that could be a code are replaced, too, but no ids of documents.
 */
export function hideLinks(text: string): string {
  const bare = bareOf(text)
  let shown = ''
  let end = 0
  for (const [first, behind] of codePlaces(bare)) {
    shown += `${text.slice(end, bare.from[first])}…`
    end = bare.to[behind - 1] ?? text.length
  }
  return shown + text.slice(end)
}

/** From where to where codes stand, by places in the bare text, in order and without overlaps. */
function codePlaces(bare: Bare): [first: number, behind: number][] {
  const found: [number, number][] = []
  for (let start = 0; start < bare.text.length; ) {
    const end = pieceEnd(bare, start)
    for (const { index, 0: code } of bare.text.slice(start, end).matchAll(wholeCode))
      if (!isId(bare, start + index)) found.push([start + index, start + index + code.length])
    start = end
  }
  for (const { index, 0: code } of bare.text.matchAll(brokenCode)) {
    const known = index + (codeLengths[code.slice(0, 3)] ?? Number.POSITIVE_INFINITY)
    const isWhole = known <= index + code.length && isBoundary(bare, known)
    // Words behind a whole one are no part of it.
    found.push([index, isWhole ? known : wordEnd(bare, index + code.length)])
  }
  const places: [number, number][] = []
  for (const [first, behind] of found.sort((a, b) => a[0] - b[0])) {
    const last = places.at(-1)
    if (last && first <= last[1]) last[1] = Math.max(last[1], behind)
    else places.push([first, behind])
  }
  return places
}

/** Returns true for a place inside a word of 64 hexadecimal digits: the id of a document, which opens nothing. */
function isId(bare: Bare, place: number): boolean {
  let start = place
  while (!isBoundary(bare, start)) start--
  return /^[0-9a-f]{64}$/.test(bare.text.slice(start, wordEnd(bare, start + 1)))
}

/** Where the text up to the next blank ends. */
function pieceEnd({ text, apart }: Bare, start: number): number {
  let end = start + 1
  while (end < text.length && !apart[end]) end++
  return end
}
