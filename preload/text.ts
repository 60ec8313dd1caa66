import { Text } from '@codemirror/state'

/** A string as CodeMirror's text, broken at \n alone: a \r is a character like any other. */
export const toText = (text: string): Text => Text.of(text.split('\n'))

/**
 * Normalizes external text: line ends become \n, and NULs and lone surrogates U+FFFD. Rule D7. Markdown has no NUL
 * (CommonMark 2.3), and a file with one is taken for no text.
 */
export const cleanText = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd').toWellFormed()

/** True for a UTF-16 high surrogate, the first half of a pair. */
export const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** True for a UTF-16 low surrogate, the second half of a pair. */
export const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff
