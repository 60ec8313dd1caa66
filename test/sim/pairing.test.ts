import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PairingRun } from '../../main/pairing/pairing'
import { type Computer, Computers } from '../support/computers'

let computers: Computers
let first: Computer
let second: Computer
beforeEach(async () => {
  computers = new Computers(26)
  first = computers.add('first')
  second = computers.add('second')
  await first.start('Ada')
})
afterEach(() => computers.close())

const codeOf = (run: PairingRun): string => (run.state.phase === 'comparing' ? run.state.code : '')
const phase = (run: PairingRun) => run.state.phase

/** A document on the first computer. */
async function write(text: string): Promise<string> {
  const document = await computers.done(first.workspace.createDocument({ text }))
  return document.id
}

/** Shows a link on the first computer and pastes it on the second, until both show letters. */
async function meet() {
  const offered = first.workspace.pairing.offer()
  const joined = second.workspace.pairing.join(offered.link)
  await computers.until(() => codeOf(offered) !== '' && codeOf(joined) !== '', 'letters on both')
  return { offered, joined }
}

describe('pairing', () => {
  it('makes two computers one author with two devices (P1 to P7)', async () => {
    const garden = await write('# Garden\n\nThe first frost came.')
    await write('# Letters')
    await second.start()
    const { offered, joined } = await meet()
    expect(codeOf(offered)).toMatch(/^[0-9a-z]{3}-[0-9a-z]{3}$/)
    expect(codeOf(joined)).toBe(codeOf(offered))
    joined.agree()
    // Nothing came before the person allowed it on the first.
    await computers.clock.advance(5_000)
    expect(second.workspace.documents()).toEqual([])
    expect(second.workspace.profile().name).toBe('')
    offered.agree()
    await computers.until(() => phase(offered) === 'done', 'the first to hear that it was taken')
    expect(offered.state).toEqual({ phase: 'done', name: 'Ada', documents: 2 })
    expect(joined.state).toEqual({ phase: 'done', name: 'Ada', documents: 2 })
    expect(second.workspace.profile()).toMatchObject({
      name: 'Ada',
      fingerprint: first.workspace.profile().fingerprint,
    })
    expect(new Set(second.workspace.documents().map(({ title }) => title))).toEqual(
      new Set(first.workspace.documents().map(({ title }) => title)),
    )
    offered.end()
    joined.end()

    const there = await computers.reads(second, garden, '# Garden\n\nThe first frost came.')
    await there.edit([{ from: 0, to: 0, insert: '> seen\n' }])
    const here = await computers.reads(first, garden, '> seen\n# Garden\n\nThe first frost came.')
    await here.edit([{ from: 0, to: 0, insert: 'A' }])
    await computers.reads(second, garden, 'A> seen\n# Garden\n\nThe first frost came.')
    // Each sees the other as this person, and nobody as somebody else who could be given a link.
    for (const [document, computer] of [
      [here, first],
      [there, second],
    ] as const) {
      const people = document.opened().people
      expect(people.map(({ own, name }) => [own, name])).toEqual([[true, 'Ada']])
      expect(document.writers()).toEqual([])
      expect(computer.workspace.summaries().flatMap((summary) => summary.people)).toEqual([])
    }
    // It lasts.
    await second.quit()
    await second.start()
    expect(second.workspace.profile().name).toBe('Ada')
  })
})
