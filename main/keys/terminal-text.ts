import { hideLinks } from './link-text'

/** Longest text from outside that is written, in UTF-16 code units. */
const longest = 1_000
/** Characters that move the cursor, change colours, begin another line or turn the reading direction. */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * A text as one line on a terminal: links are hidden, control characters are written as `\u001b`, and what is longer
 * than 1,000 UTF-16 code units is cut. For each text from outside: arguments, paths, titles, names, labels, messages.
 */
export function terminalText(text: string): string {
  const shown = hideLinks(text)
  const short = shown.length > longest ? `${shown.slice(0, longest)}…` : shown
  return short.replace(steering, escaped)
}

/** Encodes a value as JSON in one line for a terminal: links in its texts are hidden, control characters escaped. */
export const terminalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? hideLinks(part) : part)).replace(
    steering,
    escaped,
  )
