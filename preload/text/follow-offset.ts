import type { ChangeSet } from '@codemirror/state'

/** Offset of a caret after a change. */
export interface FollowedOffset {
  readonly offset: number
  /** True if the character behind the caret was deleted. */
  readonly isLoose: boolean
  /** True if text was inserted where the caret was: a loose caret may stand on either side of it. */
  readonly isMet: boolean
}

/**
 * Moves the offset of a caret along with a change, in UTF-16 code units. As Automerge's cursors do, the caret goes with
 * the character behind it, and so behind text that is inserted or replaces other text where it stands.
 */
export function followOffset(changes: ChangeSet, offset: number): FollowedOffset {
  let moved = changes.mapPos(offset, 1)
  let isLoose = false
  let isMet = false
  changes.iterChanges((from, to, _from, end, inserted) => {
    if (from > offset || to < offset) return
    if (inserted.length > 0) isMet = true
    if (to > offset) isLoose = true
    // CodeMirror leaves an offset at the start of what is replaced in front of the new text.
    if (from === offset && to > from) moved = end
  }, true)
  return { offset: moved, isLoose, isMet }
}
