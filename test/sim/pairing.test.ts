import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PairingRun } from '../../main/pairing/pairing'
import { whoWords } from '../../preload/network-words'
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
      expect(computer.workspace.networkReport(garden).peers.map(whoWords)).toEqual([
        'You, on another computer',
      ])
    }
    // It lasts.
    await second.quit()
    await second.start()
    expect(second.workspace.profile().name).toBe('Ada')
  })

  it('brings documents that were never shared, whose topics both announce once a link to them is shown (P6, N26)', async () => {
    const garden = await write('# Garden')
    await write('# Letters')
    expect(first.topics).toBe(0)
    await second.start()
    const { offered, joined } = await meet()
    for (const run of [joined, offered]) run.agree()
    await computers.until(() => phase(offered) === 'done', 'the first to hear that it was taken')
    for (const run of [joined, offered]) run.end()
    const there = await computers.reads(second, garden, '# Garden')
    const topics = () => [first.topics, second.topics]
    // The one by which both meet.
    expect(topics()).toEqual([1, 1])
    await first.quit()
    await first.start()
    await there.edit([{ from: 0, to: 0, insert: '> ' }])
    const here = await computers.reads(first, garden, '> # Garden')
    expect(topics()).toEqual([1, 1])
    await computers.done(here.link('read'))
    await computers.until(() => topics().join() === '2,2', 'both to announce it')
    await second.quit()
    await second.start()
    await computers.until(() => topics().join() === '2,2', 'it to be announced after a restart')
  })

  it('makes no news of what the person writes on the other computer, and of others it does', async () => {
    const garden = await write('# Garden')
    await second.start()
    const { offered, joined } = await meet()
    for (const run of [joined, offered]) run.agree()
    await computers.until(() => phase(offered) === 'done', 'the first to hear that it was taken')
    for (const run of [joined, offered]) run.end()
    const news = () => [first, second].map(({ workspace }) => workspace.othersEditedAt(garden))
    const hasOthersWords = () => [first, second].map(({ workspace }) => workspace.hasOthersWords(garden))
    const here = await computers.reads(first, garden, '# Garden')
    const there = await computers.reads(second, garden, '# Garden')
    await there.edit([{ from: 0, to: 0, insert: '> ' }])
    await computers.reads(first, garden, '> # Garden')
    await here.edit([{ from: 0, to: 0, insert: '> ' }])
    await computers.reads(second, garden, '> > # Garden')
    expect([news(), hasOthersWords()]).toEqual([
      [null, null],
      [false, false],
    ])

    const third = computers.add('third')
    await third.start('Ben')
    await computers.done(third.workspace.openDocument(await computers.done(here.link('write'))))
    const elsewhere = await computers.reads(third, garden, '> > # Garden')
    await elsewhere.edit([{ from: 0, to: 0, insert: 'B' }])
    for (const computer of [first, second]) await computers.reads(computer, garden, 'B> > # Garden')
    const heard = news()
    expect(heard).toEqual([expect.any(Number), expect.any(Number)])
    expect(hasOthersWords()).toEqual([true, true])
    await there.edit([{ from: 0, to: 0, insert: 'A' }])
    await computers.reads(first, garden, 'AB> > # Garden')
    expect(news()).toEqual(heard)
  })

  it('gives nothing to who has the link too, before and after (P7)', async () => {
    await write('# Garden')
    await second.start()
    const third = computers.add('third')
    await third.start()
    const { offered, joined } = await meet()
    const early = third.workspace.pairing.join(offered.link)
    await computers.until(() => phase(early) === 'failed', 'the third to be told')
    expect(offered.state).toMatchObject({ phase: 'comparing', computers: 2 })
    expect(early.state).toMatchObject({ code: 'PAIRING_REFUSED' })
    early.end()
    joined.agree()
    offered.agree()
    await computers.until(() => phase(offered) === 'done', 'the second to have everything')
    // While the link is still on the screen, a late computer gets a refusal.
    const late = third.workspace.pairing.join(offered.link)
    await computers.until(() => phase(late) === 'failed', 'the third to be told again')
    late.end()
    offered.end()
    const after = third.workspace.pairing.join(offered.link)
    await computers.clock.advance(60_000)
    expect(phase(after)).toBe('looking')
    after.end()
    expect(third.workspace.documents()).toEqual([])
    expect(third.workspace.profile()).toMatchObject({ name: '' })
  })

  it('is not begun where somebody writes, where nobody does, or offline', async () => {
    await second.start()
    const { pairing } = first.workspace
    const offered = pairing.offer()
    const impossible = (because: string) =>
      expect.objectContaining({ code: 'PAIRING_IMPOSSIBLE', data: { because } })
    expect(() => second.workspace.pairing.offer()).toThrow(impossible('nobody'))
    expect(() => pairing.join(offered.link)).toThrow(impossible('somebody'))
    await computers.done(first.workspace.setOffline(true))
    expect(() => pairing.offer()).toThrow(impossible('offline'))
  })

  it('that is stopped, refused or cut leaves the second computer as it was (P6)', async () => {
    await write('# Garden')
    await second.start()
    const once = await meet()
    once.joined.agree()
    once.offered.end()
    await computers.until(() => phase(once.joined) === 'failed', 'the second to be told')
    once.joined.end()

    const twice = await meet()
    computers.world.cut('first', 'second')
    await computers.until(() => phase(twice.joined) === 'failed', 'the second to notice')
    expect(twice.joined.state).toMatchObject({ code: 'CLOSED' })
    await computers.until(() => phase(twice.offered) === 'failed', 'the first to notice')
    expect(twice.offered.state).toMatchObject({ code: 'CLOSED' })
    computers.world.heal('first', 'second')
    await computers.clock.advance(60_000)
    // It begins again when the person does, and not before.
    expect([phase(twice.joined), phase(twice.offered)]).toEqual(['failed', 'failed'])
    for (const run of [twice.joined, twice.offered]) run.end()

    const anew = await meet()
    expect(codeOf(anew.joined)).toBe(codeOf(anew.offered))
    anew.joined.end()
    await computers.until(() => phase(anew.offered) === 'failed', 'the first to be told')
    anew.offered.end()
    expect(second.workspace.profile().name).toBe('')
    expect(second.workspace.documents()).toEqual([])
  })

  it('that a full disk or a killed program interrupts can be done again', async () => {
    await write('# Garden')
    await second.start()
    const { offered, joined } = await meet()
    second.disk.full = true
    joined.agree()
    offered.agree()
    await computers.until(() => phase(offered) === 'failed', 'the first to be told')
    expect(joined.state).toMatchObject({ phase: 'failed', code: 'STORE_WRITE_FAILED' })
    for (const run of [offered, joined]) run.end()
    second.disk.full = false
    second.crash()
    await second.start()
    expect(second.workspace.profile().name).toBe('')
    const again = await meet()
    again.joined.agree()
    again.offered.agree()
    await computers.until(() => phase(again.offered) === 'done', 'everything to be taken')
    expect(second.workspace.documents()).toHaveLength(1)
  })
})

describe('two computers of one person', () => {
  beforeEach(async () => {
    await write('# Garden')
    await second.start()
    const { offered, joined } = await meet()
    joined.agree()
    offered.agree()
    await computers.until(() => phase(offered) === 'done', 'both to be paired')
    for (const run of [offered, joined]) run.end()
  })
  const titles = (computer: Computer) =>
    computer.workspace
      .documents()
      .map(({ title }) => title)
      .sort()

  it('show what is added on either, with its text, also after both were away (P8, P9)', async () => {
    const letters = await write('# Letters\n\nDear Ben')
    await computers.until(() => titles(second).includes('Letters'), 'the second to show it')
    await computers.reads(second, letters, '# Letters\n\nDear Ben')
    await second.quit()
    const list = await computers
      .done(second.start())
      .then(() => computers.done(second.workspace.createDocument({ text: '# A list' })))
    await computers.until(() => titles(first).includes('A list'), 'the first to show it')
    await computers.reads(first, list.id, '# A list')
    // Someone else who shares a document gets no other.
    const third = computers.add('third')
    await third.start('Ben')
    const document = await computers.done(first.workspace.document(letters))
    await computers.done(third.workspace.openDocument(await document.link('write')))
    await computers.clock.advance(30_000)
    expect(third.workspace.documents().map(({ id }) => id)).toEqual([letters])
    expect(
      document
        .opened()
        .people.map(({ own, name }) => [name, own])
        .sort(),
    ).toEqual([
      ['Ada', true],
      ['Ben', false],
    ])
    expect(document.writers().map(({ name }) => name)).toEqual(['Ben'])
  })

  it.each([0, 200, 400, 600, 800, 1_000, 1_500])(
    'show a title that is finished %d ms after it was begun, while the document is not open there (P9)',
    async (pause) => {
      const document = await computers.done(first.workspace.createDocument({ text: '# Train' }))
      await computers.clock.advance(pause)
      await computers.done(document.edit([{ from: 7, to: 7, insert: ' journeys' }]))
      await computers.until(() => titles(second).includes('Train journeys'), 'the second to show all of it')
    },
  )

  it('give each other better links, and nothing comes back that was removed (P9)', async () => {
    const third = computers.add('third')
    await third.start('Ben')
    const plan = await computers.done(third.workspace.createDocument({ text: '# Plan' }))
    await computers.done(first.workspace.openDocument(await plan.link('read')))
    const roleOn = (computer: Computer) =>
      computer.workspace.documents().find(({ id }) => id === plan.id)?.role
    await computers.until(() => roleOn(second) === 'read', 'the second to have the read link')
    await computers.done(second.workspace.openDocument(await plan.link('write')))
    await computers.until(() => roleOn(first) === 'write', 'the first to have the write link')

    await computers.done(second.workspace.document(plan.id))
    await computers.done(first.workspace.removeDocuments([plan.id]))
    await computers.clock.advance(30_000)
    // It is open on the second.
    expect([roleOn(first), roleOn(second)]).toEqual([undefined, 'write'])
    await computers.done(first.workspace.deleteDocuments([plan.id]))
    await first.quit()
    await first.start()
    await computers.clock.advance(60_000)
    expect([roleOn(first), roleOn(second)]).toEqual([undefined, 'write'])
    await write('# Later')
    await computers.until(() => titles(second).includes('Later'), 'the second to show a later one')
    expect(roleOn(first)).toBeUndefined()
  })
})
