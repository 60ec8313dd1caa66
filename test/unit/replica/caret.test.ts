import { ChangeSet } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { decodeCaret, encodeCaret, maxCaretLength } from '../../../main/replica/caret'
import { Replica } from '../../../main/replica/replica'
import { type Ground, grounds, surroundings } from '../../support/ground'

const actor = 'ab'.repeat(32)
const { documentId, content } = keysFromWrite(Buffer.alloc(32, 7))
const body = `1@${hex(documentId)}`
const id = (counter: number | string) => `${counter}@${actor}`
const bytes = (text: string) => Buffer.from(text, 'latin1')

function replica(text: string, ground: Ground = 'short'): Replica {
  const made = new Replica({ documentId, contentKey: content ?? expect.fail(), actor, now: () => 0 })
  const { edits, before } = surroundings[ground]
  for (const edit of [...edits, { from: before.length, to: before.length, insert: text }])
    made.edit(ChangeSet.of(edit, made.text.length, '\n'))
  made.commit()
  return made
}

/** Each of these made Automerge panic, or stands where no program would write it. */
const unsound = {
  'no words': '',
  'an empty cursor': `${body}  ${body} `,
  'a counter of 33 bits': `${body} ${id(2 ** 32)} ${body} e`,
  'a counter past all whole numbers': `${body} ${id('18446744073709551615')} ${body} e`,
  'a letter that is no digit': `${body} \u0663@${actor} ${body} e`,
  'an actor of another length': `${body} 9@abcd ${body} e`,
  capitals: `${body} ${id(9).toUpperCase()} ${body} e`,
  'a sign': `${body} -${id(9)} ${body} e`,
  'zeros in front': `${body} 0${id(9)} ${body} e`,
  'three words': `${body} e ${body}`,
  'five words': `${body} e ${body} e e`,
  'two blanks': `${body}  e ${body} e`,
  'a line break behind': `${body} e ${body} e\n`,
  'a name of the root': '_root e _root e',
  'too many bytes': `${body} e ${body} e${' '.repeat(maxCaretLength)}`,
}

describe('a caret (D8)', () => {
  it.each(grounds)('is found where it was named, in every place of a %s text and both ways', (ground) => {
    const made = replica('one two\nthree', ground)
    const start = surroundings[ground].before.length
    for (let anchor = start; anchor <= start + 13; anchor++)
      for (const head of [0, start, start + 5, start + 13, made.text.length]) {
        const caret = made.caretAt(anchor, head)
        expect(caret.length).toBeLessThanOrEqual(maxCaretLength)
        expect(made.placeOf(caret)).toEqual({ anchor, head })
        expect(encodeCaret(decodeCaret(caret) ?? expect.fail())).toEqual(caret)
      }
    made.free()
  })

  it.each(Object.entries(unsound))('with %s is none', (_name, text) => {
    expect(decodeCaret(bytes(text))).toBeNull()
    const made = replica('text')
    expect(made.placeOf(bytes(text))).toBeNull()
    made.free()
  })

  it('that names what is here but no character, or not here, stands nowhere and breaks nothing', () => {
    const made = replica('text')
    for (const name of [`1@${hex(documentId)}`, `2@${hex(documentId)}`, id(1), id(2 ** 32 - 1)])
      expect(made.placeOf(bytes(`${body} ${name} ${body} e`)), name).toBeNull()
    made.edit(ChangeSet.of({ from: 4, insert: '!' }, 4, '\n'))
    expect([made.text.toString(), made.commit().length]).toEqual(['text!', 1])
    made.free()
  })
})
