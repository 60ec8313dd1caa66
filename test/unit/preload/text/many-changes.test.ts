import { ChangeSet, Text } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { toText } from '../../../../preload/text'
import '../../../../preload/text/many-changes'
import { randomFrom } from '../../../support/random'

/** Applies changes to a string, from the last to the first. */
function applied(changes: ChangeSet, text: string): string {
  const steps: [number, number, string][] = []
  changes.iterChanges((from, to, _newFrom, _newTo, inserted) => steps.push([from, to, inserted.toString()]))
  return steps.reduceRight((rest, [from, to, insert]) => rest.slice(0, from) + insert + rest.slice(to), text)
}

describe('many changes at once', () => {
  it('make the text that they make one by one', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = randomFrom(seed)
      const text = Array.from({ length: 300 }, () => random.pick(['word ', 'a', '\n', '🙂', '\n\n'])).join('')
      const specs = Array.from({ length: 1 + random.below(200) }, () => {
        const from = random.below(text.length + 1)
        const to = Math.min(text.length, from + random.below(3))
        return { from, to, insert: random.pick(['', 'x', '\n', 'two\nlines', '\n\n']) }
      })
      const changes = ChangeSet.of(specs, text.length, '\n')
      const made = changes.apply(toText(text))
      expect(made.toString(), `seed ${seed}`).toBe(applied(changes, text))
      expect(made.length).toBe(changes.newLength)
      expect(made.lines).toBe(made.toString().split('\n').length)
    }
  })

  it('take no longer for one long line', () => {
    const line = 'a*b*c+'.repeat(20_000)
    const specs = Array.from({ length: 20_000 }, (_, index) => ({
      from: 6 * index,
      to: 6 * index + 1,
      insert: 'xy',
    }))
    const changes = ChangeSet.of(specs, line.length)
    const before = process.cpuUsage()
    const made = changes.apply(Text.of([line]))
    const { user, system } = process.cpuUsage(before)
    expect(made.line(1).text).toBe('xy*b*c+'.repeat(20_000))
    expect((user + system) / 1_000).toBeLessThan(500)
  })

  it('are refused where they do not fit', () => {
    const specs = Array.from({ length: 100 }, (_, from) => ({ from, insert: 'x' }))
    expect(() => ChangeSet.of(specs, 100).apply(Text.of(['short']))).toThrow(RangeError)
  })
})
