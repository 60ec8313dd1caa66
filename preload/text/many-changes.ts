import { ChangeSet, Text } from '@codemirror/state'

/** From this many changes on, the text from the first to the last is put together once. */
const many = 50

const { apply } = ChangeSet.prototype

/**
 * Applies a change set as CodeMirror does, whose own way copies a line for each change in it: with every letter of a
 * long line replaced, that is more than a billion letters. CodeMirror calls it everywhere, so it takes its place.
 */
export function applyMany(this: ChangeSet, text: Text): Text {
  const pieces: string[] = []
  let start = -1
  let end = 0
  this.iterChanges((from, to, _newFrom, _newTo, inserted) => {
    if (start < 0) start = from
    else pieces.push(text.sliceString(end, from))
    pieces.push(inserted.toString())
    end = to
  })
  if (pieces.length < 2 * many || this.length !== text.length) return apply.call(this, text)
  return text.replace(start, end, Text.of(pieces.join('').split('\n')))
}

ChangeSet.prototype.apply = applyMany
