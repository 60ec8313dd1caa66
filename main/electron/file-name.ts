import { hideLinks } from '../keys/link-text'

/** Longest name that is proposed, in characters, without its ending. */
const maxLength = 80
// Characters that some file system or shell rejects, and bidirectional control characters.
// biome-ignore lint/complexity/useRegexLiterals: as a literal these characters could not be seen
const unfit = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069/\\\\:*?"<>|]',
  'g',
)
/** Names that Windows keeps for devices. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i

/** A file name to propose for a copy of a document with this title, or for something else about it. Never a link. */
export function fileNameFor(title: string, ending: 'md' | 'json' | 'swarmpad' = 'md'): string {
  const plain = hideLinks(title.toWellFormed()).replace(unfit, ' ').replace(/\s+/g, ' ')
  const short = [...plain].slice(0, maxLength).join('')
  const name = short.replace(/^[\s.]+|[\s.]+$/g, '')
  return `${!name || reserved.test(name) ? 'Untitled' : name}.${ending}`
}
