import { Text } from '@codemirror/state'

/** A string as CodeMirror's text, broken at \n alone: a \r is a character like any other. */
export const toText = (text: string): Text => Text.of(text.split('\n'))

/** Text from outside as a program writes it: lines end in \n alone, and no half of a surrogate pair stands alone. Rule D7. */
export const cleanText = (text: string): string => text.replace(/\r\n?/g, '\n').toWellFormed()

/** Whether a UTF-16 code unit is the first half of a pair. */
export const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** Whether a UTF-16 code unit is the second half of a pair. */
export const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff
