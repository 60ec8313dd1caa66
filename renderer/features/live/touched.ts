import type { EditorState } from '@codemirror/state'

/** Tells if the selection touches a stretch of the text; both ends belong to it. */
export type Touched = (from: number, to: number) => boolean

/** Returns the test for a state; with `never` nothing counts as touched, as where nothing can be edited. */
export function touchedBy({ selection }: EditorState, never: boolean): Touched {
  if (never) return () => false
  const { ranges } = selection
  return (from, to) => ranges.some((range) => range.from <= to && range.to >= from)
}

/** Tells if an end of the selection lies within a stretch of the text, apart from its edges. */
export function entered({ selection }: EditorState, from: number, to: number): boolean {
  const within = (offset: number) => offset > from && offset < to
  return selection.ranges.some(({ anchor, head }) => within(anchor) || within(head))
}

/** Tells if a text has nothing that can be seen: only blanks and characters without a shape. */
export const isBlank = (text: string): boolean => /^[\s\p{Default_Ignorable_Code_Point}\p{Cf}]*$/u.test(text)
