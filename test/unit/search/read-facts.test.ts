import { expect, it } from 'vitest'
import { readFacts } from '../../../main/search/read-facts'

function linksOf(text: string): readonly string[] {
  const reading = readFacts(text)
  for (;;) {
    const step = reading.next()
    if (step.done) return step.value.links
  }
}

it('the links of a text are a thousand at most, each once', () => {
  const links = (count: number) => Array.from({ length: count }, (_, n) => `[[Plan ${n}]]\n\n`).join('')
  expect(linksOf(links(1_200))).toHaveLength(1_000)
  expect(linksOf('[[Plan]]\n\n[[plan]]\n\n')).toEqual(['plan'])
})
