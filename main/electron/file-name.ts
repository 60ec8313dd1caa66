import { titleWords } from '../../preload/messages/format'
import { hideLinks } from '../keys/link-text'

/** Longest proposed name, in code points, without its ending. */
const maxLength = 80
// Characters that some file system or shell rejects, and bidirectional control characters.
// biome-ignore lint/complexity/useRegexLiterals: as a literal these characters could not be seen
const unfit = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069/\\\\:*?"<>|]',
  'g',
)
/** Names that Windows reserves for devices. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i

/** Returns the default file name for a document with this title, with links redacted. */
export function fileNameFor(title: string, ending: 'md' | 'json' | 'swarmpad' = 'md'): string {
  const plain = hideLinks(title.toWellFormed()).replace(unfit, ' ').replace(/\s+/g, ' ')
  const short = [...plain].slice(0, maxLength).join('')
  const name = short.replace(/^[\s.]+|[\s.]+$/g, '')
  return `${!name || reserved.test(name) ? titleWords('') : name}.${ending}`
}
