import { countWords } from '../../../preload/messages/format'
import type { Counts } from './word-count'

/** Words that a person reads in a minute. */
const readingSpeed = 230

/** The numbers as the status line shows them, such as '412 words · 2 min' or '3 words selected'; '' for no text. */
export function countLine({ words, selected }: Counts): string {
  if (selected !== null && selected > 0) return `${countWords(selected, 'word', 'words')} selected`
  if (!words) return ''
  return `${countWords(words, 'word', 'words')} · ${readingMinutes(words).toLocaleString('en')} min`
}

/** Returns the minutes that reading takes, rounded up. */
export const readingMinutes = (words: number): number => Math.max(1, Math.ceil(words / readingSpeed))
