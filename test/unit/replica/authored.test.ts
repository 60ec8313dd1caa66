import { afterEach, describe, expect, it } from 'vitest'
import { keysFromWrite } from '../../../main/keys/derive'
import { Author } from '../../support/author'
import { grounds, placesOf, surroundings } from '../../support/ground'
import { randomEdit, randomFrom } from '../../support/random'

const keys = keysFromWrite(Buffer.alloc(32, 12))
const authors: Author[] = []
afterEach(() => {
  for (const { replica } of authors.splice(0)) replica.free()
})

const author = (): Author => {
  const made = new Author(keys, authors.length)
  authors.push(made)
  return made
}

/** The text by who wrote it, as a replica tells it: [session, text], neighbours of one session joined. */
function told({ replica, changes }: Author): [string, string][] {
  const runs: [string, string][] = []
  for (const { session, text } of replica.authored(changes, new Map())) {
    const last = runs.at(-1)
    if (last?.[0] === session) last[1] += text
    else runs.push([session, text])
  }
  return runs
}

describe.each(grounds)('who wrote which part of a %s text (D9)', (ground) => {
  it('is told in the order of the text', () => {
    const [ada, ben] = [author(), author()]
    const { edits, before, after } = surroundings[ground]
    ada.write(edits)
    const { start } = placesOf(ada.text, ground)
    ada.write([{ from: start, to: start, insert: 'Ada 🙂 wrote this.' }])
    ben.take(ada, 2)
    ben.write([{ from: start + 7, to: start + 7, insert: 'Ben wrote 🙃 too. ' }])
    ada.take(ben, 1)
    const expected = [
      [ada.id, `${before}Ada 🙂 `],
      [ben.id, 'Ben wrote 🙃 too. '],
      [ada.id, `wrote this.${after}`],
    ]
    for (const one of [ada, ben]) expect(told(one)).toEqual(expected)
  })

  it.each([1, 2, 3])('is told of each character, wherever it was written, seed %i', (seed) => {
    const random = randomFrom(seed)
    const letters = ['①', '②', '③']
    const all = letters.map(() => author())
    all[0]?.write(surroundings[ground].edits)
    for (let step = 0; step < 40; step++) {
      const number = random.below(all.length)
      const one = all[number] ?? expect.fail()
      if (random.chance(0.6)) {
        const { from, to } = randomEdit(random, one.text)
        const insert = letters[number]?.repeat(1 + random.below(random.chance(0.2) ? 900 : 20)) ?? ''
        one.write([{ from, to, insert }])
      } else {
        const other = random.pick(all)
        one.take(other, other.written)
      }
    }
    for (const one of all) for (const other of all) one.take(other, other.written)
    const lettersOfOthers = new Map(
      all.map(({ id }, number) => [
        id,
        new RegExp(`[${letters.filter((_, index) => index !== number).join('')}]`),
      ]),
    )
    for (const one of all) {
      const runs = told(one)
      expect(runs.map(([, text]) => text).join('')).toBe(one.text)
      for (const [session, text] of runs)
        expect(text).not.toMatch(lettersOfOthers.get(session) ?? expect.fail())
    }
  })
})
