import { titleWords } from '../../preload/messages/format'
import { hideLinks } from '../keys/link-text'

/** Longest proposed name, in characters as people count them, without its ending. */
const maxLength = 80
/** Longest name that file systems take, in bytes of UTF-8, with its ending. */
const maxBytes = 255
// Characters that some file system or shell rejects, and bidirectional control characters.
// biome-ignore lint/complexity/useRegexLiterals: as a literal these characters could not be seen
const unfit = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069/\\\\:*?"<>|]',
  'g',
)
/** Names that Windows reserves for devices. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Returns the default file name for a document with this title, with links redacted: 255 bytes at most. */
export function fileNameFor(title: string, ending: 'md' | 'json' | 'swarmpad' = 'md'): string {
  return `${stemFor(title, ending) || titleWords('')}.${ending}`
}

/** Returns the default file name for a picture: its own, with the ending of its kind. */
export function pictureNameFor(name: string): string {
  const [, stem = '', ending = 'png'] =
    /^(.*?)(?:\.(png|jpe?g|jfif|jxl|gif|webp|avif|svg|bmp|ico|psd|tiff?|heic))?$/is.exec(name) ?? []
  return `${stemFor(stem, ending) || 'Picture'}.${ending.toLowerCase()}`
}

/** Returns the name on the disk for a folder of the library. */
export const folderNameFor = (name: string): string => stemFor(name, '') || 'Folder'

/** Returns the part of a name before its ending, fit for every file system; '' if nothing is left. */
function stemFor(title: string, ending: string): string {
  const plain = hideLinks(title.toWellFormed()).replace(unfit, ' ').replace(/\s+/g, ' ')
  const short = beginningOf(plain, maxBytes - ending.length - 1)
  const name = short.replace(/^[\s.]+|[\s.]+$/g, '')
  return reserved.test(name) ? '' : name
}

/** Returns as many whole characters as fit, an emoji of several code points being one. */
function beginningOf(text: string, limit: number): string {
  let short = ''
  let count = 0
  let bytes = 0
  for (const { segment } of characters.segment(text)) {
    bytes += Buffer.byteLength(segment)
    if (bytes > limit || ++count > maxLength) break
    short += segment
  }
  return short
}
