import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../main/base/errors'
import { type Computer, Computers } from '../support/computers'
import { quiet } from '../support/manual-clock'

let computers: Computers
let first: Computer
let second: Computer
let plan: string
let list: string
beforeEach(async () => {
  computers = new Computers(49)
  first = computers.add('first')
  second = computers.add('second')
  await first.start('Ada')
  plan = await write(first, '# Plan')
  list = await write(first, '# List')
})
afterEach(() => computers.close())

async function write(computer: Computer, text: string): Promise<string> {
  const document = await computers.done(computer.workspace.createDocument({ text }))
  await computers.done(document.close())
  return document.id
}

/** The arrangement as a computer shows it. */
function arranged({ workspace }: Computer) {
  return {
    documents: workspace
      .summaries()
      .map(({ id, folder, pinned, archived }) => [id, folder, pinned, archived].join())
      .sort(),
    removed: workspace
      .removed()
      .map(({ id }) => id)
      .sort(),
    words: workspace.ownWords.list,
  }
}
const agree = () => JSON.stringify(arranged(first)) === JSON.stringify(arranged(second))
const folderOn = ({ workspace }: Computer, id: string) =>
  workspace.summaries().find((summary) => summary.id === id)?.folder
const isShown = ({ workspace }: Computer, id: string) =>
  workspace.documents().some((document) => document.id === id)
const isRemoved = ({ workspace }: Computer, id: string) => workspace.removed().some((one) => one.id === id)

describe('what a person arranges', () => {
  it('stays without any other computer, over restarts and kills', async () => {
    await computers.done(first.workspace.arrange([plan, list], { folder: 'Work/2026' }))
    await computers.done(first.workspace.arrange([list], { pinned: true, archived: true }))
    await computers.done(first.workspace.ownWords.add('Kowalczyk'))
    first.crash()
    await first.start()
    const before = arranged(first)
    expect(before.documents).toEqual([`${plan},Work/2026,false,false`, `${list},Work/2026,true,true`].sort())
    expect(before.words).toEqual(['Kowalczyk'])
    await computers.clock.advance(60_000)
    await first.quit()
    await first.start()
    expect(arranged(first)).toEqual(before)
    // The private document is in no list.
    expect(first.workspace.documents()).toHaveLength(2)
    expect(await computers.done(first.workspace.unshared())).toEqual([])
  })

  it('is refused as a whole by a full disk, and changes nothing then', async () => {
    await computers.done(first.workspace.arrange([plan], { folder: 'A' }))
    first.disk.full = true
    const refused = await Promise.allSettled([
      first.workspace.arrange([plan], { folder: 'B', pinned: true }),
      first.workspace.removeDocuments([plan]),
      first.workspace.ownWords.add('word'),
    ])
    for (const one of refused)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'STORE_WRITE_FAILED' } })
    first.disk.full = false
    const before = arranged(first)
    expect(before.documents).toContain(`${plan},A,false,false`)
    expect(before).toMatchObject({ removed: [], words: [] })
    await first.quit()
    await first.start()
    expect(arranged(first)).toEqual(before)
  })

  it('follows to a paired computer and back, also what was arranged before pairing (P10)', async () => {
    await second.start()
    const notes = await write(second, '# Notes')
    await computers.done(second.workspace.arrange([notes], { folder: 'Mine' }))
    await computers.done(second.workspace.ownWords.add('secondword'))
    await computers.done(first.workspace.arrange([plan], { folder: 'Work' }))
    await computers.done(first.workspace.ownWords.add('firstword'))
    await computers.pair(first, second)
    await computers.until(agree, 'one arrangement')
    expect([folderOn(first, plan), folderOn(first, list), folderOn(first, notes)]).toEqual([
      'Work',
      '',
      'Mine',
    ])
    expect(second.workspace.ownWords.list).toEqual(['firstword', 'secondword'])
    await computers.done(second.workspace.arrange([list], { pinned: true, folder: 'Lists' }))
    await computers.until(() => folderOn(first, list) === 'Lists', 'the first to hear')
    await computers.done(first.workspace.ownWords.remove('secondword'))
    await computers.until(agree, 'one arrangement again')
    expect(arranged(second).words).toEqual(['firstword'])
    for (const computer of [first, second]) expect(computer.workspace.documents()).toHaveLength(3)
  })

  it('follows also when nothing has happened for long, and so does a removal', async () => {
    await second.start()
    await computers.pair(first, second)
    await computers.until(agree, 'both to have both')
    // Longer than logs stay open that nothing needs.
    await computers.clock.advance(400_000)
    await computers.done(first.workspace.arrange([plan], { folder: 'Later' }))
    await computers.until(() => folderOn(second, plan) === 'Later', 'the second to hear')
    await computers.done(second.workspace.removeDocuments([list]))
    await computers.until(() => isRemoved(first, list), 'the first to hear')
    await computers.clock.advance(400_000)
    await computers.done(first.workspace.restoreDocuments([list]))
    await computers.until(() => isShown(second, list), 'the second to hear again')
    await first.quit()
    await computers.reads(second, list, '# List')
  })

  it('follows after one write of it that the disk refused', async () => {
    await second.start()
    await computers.pair(first, second)
    await computers.until(agree, 'both to have both')
    const { values } = second.disk
    let refused = 0
    values.set = (key, value) => {
      if (key.startsWith('A') && refused++ === 0)
        throw new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
      return Map.prototype.set.call(values, key, value) as typeof values
    }
    await computers.done(first.workspace.arrange([plan], { folder: 'Work' }))
    await computers.until(() => folderOn(second, plan) === 'Work', 'the second to hear', 120_000)
    expect(refused).toBeGreaterThan(1)
  })

  it('ends in one arrangement where both change the same apart: the later one counts', async () => {
    await second.start()
    await computers.pair(first, second)
    await computers.until(agree, 'both to have both')
    await first.quit()
    await computers.done(second.workspace.arrange([plan], { folder: 'Earlier', archived: true }))
    await second.quit()
    await computers.clock.advance(5_000)
    await first.start()
    await computers.done(first.workspace.arrange([plan], { folder: 'Later' }))
    await computers.done(first.workspace.arrange([list], { pinned: true }))
    await second.start()
    await computers.until(agree, 'one arrangement')
    expect(arranged(second).documents).toEqual([`${plan},Later,false,true`, `${list},,true,false`].sort())
  })
})

describe('a removed document', () => {
  it('can be restored for 30 days, over restarts, and is deleted then with all its data', async () => {
    await computers.done(first.workspace.removeDocuments([plan]))
    expect(isShown(first, plan)).toBe(false)
    expect(first.workspace.removed()).toMatchObject([{ id: plan, title: 'Plan', role: 'write' }])
    await expect(first.workspace.document(plan)).rejects.toMatchObject({ code: 'DOCUMENT_UNKNOWN' })
    await first.quit()
    await first.start()
    await computers.done(first.workspace.restoreDocuments([plan]))
    expect(first.workspace.removed()).toEqual([])
    await computers.reads(first, plan, '# Plan')
    const about = () => [...first.disk.values.keys()].filter((key) => key.includes(latin1(plan))).length
    const before = about()
    await computers.done(first.workspace.removeDocuments([plan]))
    await first.quit()
    computers.clock.jump(29 * day)
    await first.start()
    expect(isRemoved(first, plan)).toBe(true)
    await first.quit()
    computers.clock.jump(day)
    await first.start()
    expect(first.workspace.removed()).toEqual([])
    expect(before).toBeGreaterThan(3)
    // That it was removed stays known, so that no other computer brings it back.
    await computers.until(() => about() === 1, 'its data to be deleted')
  })

  it('is deleted at once when asked, which a kill cannot undo', async () => {
    await computers.done(first.workspace.removeDocuments([plan, list]))
    const refused = first.workspace.deleteDocuments([await write(first, '# Kept')])
    await expect(computers.done(refused)).rejects.toMatchObject({ code: 'DOCUMENT_UNKNOWN' })
    await computers.done(first.workspace.deleteDocuments([plan]))
    expect(first.workspace.removed().map(({ id }) => id)).toEqual([list])
    await expect(first.workspace.restoreDocuments([plan])).rejects.toMatchObject({ code: 'DOCUMENT_UNKNOWN' })
    void first.workspace.deleteDocuments([list]).catch(() => undefined)
    await computers.until(() => first.workspace.removed().length === 0, 'the deletion to begin')
    first.crash()
    await first.start()
    expect(first.workspace.removed()).toEqual([])
    await expect(first.workspace.restoreDocuments([list])).rejects.toMatchObject({ code: 'DOCUMENT_UNKNOWN' })
  })

  it('is removed and restored on the other computer too, which keeps its edits (P9, P10)', async () => {
    await second.start()
    await computers.pair(first, second)
    await computers.reads(second, plan, '# Plan')
    await computers.done(first.workspace.removeDocuments([plan, list]))
    // It is open on the second: only the other goes.
    await computers.until(() => isRemoved(second, list), 'the second to hear')
    expect([isShown(second, plan), isShown(second, list)]).toEqual([true, false])
    const there = await computers.done(second.workspace.document(plan))
    await computers.done(there.edit([{ from: 0, to: 0, insert: 'Mine. ' }]))
    await computers.done(there.close())
    await computers.done(there.close())
    await computers.until(() => isRemoved(second, plan), 'the second to follow once it is closed')
    // Nothing brings it back, not even a new start of both.
    for (const computer of [first, second]) {
      await computer.quit()
      await computer.start()
    }
    await computers.clock.advance(60_000)
    expect([first, second].map((computer) => isShown(computer, plan))).toEqual([false, false])
    await computers.done(second.workspace.restoreDocuments([plan]))
    await computers.until(() => isShown(first, plan), 'the first to restore it')
    await computers.reads(first, plan, 'Mine. # Plan')
    expect([first, second].map((computer) => isRemoved(computer, list))).toEqual([true, true])
  })

  it('that one computer has deleted comes back from the other that restores it (P9)', async () => {
    await second.start()
    await computers.pair(first, second)
    await computers.until(() => isShown(second, plan), 'the second to have it')
    await computers.reads(second, plan, '# Plan')
    await computers.done(first.workspace.removeDocuments([plan]))
    await computers.clock.advance(10_000)
    expect(isRemoved(second, plan)).toBe(false)
    await second.quit()
    await second.start()
    await computers.until(() => isRemoved(second, plan), 'the second to follow')
    await computers.done(first.workspace.deleteDocuments([plan]))
    await computers.done(second.workspace.restoreDocuments([plan]))
    await computers.until(() => isShown(first, plan), 'the first to have it again')
    await computers.reads(first, plan, '# Plan')
  })

  it('that never had a word is not listed as removed on the other computer', async () => {
    await second.start()
    await computers.pair(first, second)
    const { id } = await computers.done(first.workspace.createDocument())
    const words = await write(first, 'words')
    await computers.until(() => isShown(second, id) && isShown(second, words), 'the second to have both')
    await computers.reads(second, words, 'words').then((document) => computers.done(document.close()))
    await computers.done(first.workspace.dropEmpty(id))
    await computers.done(first.workspace.removeDocuments([words]))
    await computers.until(() => isRemoved(second, words), 'the second to hear')
    expect([isShown(second, id), isRemoved(second, id)]).toEqual([false, false])
    await computers.until(
      () => ![...second.disk.values.keys()].some((key) => key === `r${latin1(id)}`),
      'its record to go from there',
    )
  })

  it('comes back everywhere when its link is opened again', async () => {
    await second.start()
    await computers.pair(first, second)
    await computers.until(() => isShown(second, plan), 'the second to have it')
    const document = await computers.done(first.workspace.document(plan))
    const link = await computers.done(document.link('write'))
    await computers.done(document.close())
    await computers.done(first.workspace.removeDocuments([plan]))
    await computers.until(() => isRemoved(second, plan), 'the second to hear')
    await computers.done(second.workspace.deleteDocuments([plan]))
    await computers.done(second.workspace.openDocument(link))
    await computers.until(() => isShown(first, plan), 'the first to have it again')
    await second.quit()
    await second.start()
    expect([arranged(first).removed, isShown(second, plan)]).toEqual([[], true])
  })
})

const day = 24 * 60 * 60 * 1000
const latin1 = (id: string) => Buffer.from(id, 'hex').toString('latin1')

const seeds = Array.from({ length: Number(process.env.SWARMPAD_RUNS ?? 3) }, (_, index) => index + 1)

describe('two computers that arrange at random', () => {
  it.each(seeds)('apart and together, killed at any time, end in one arrangement: seed %d', async (seed) => {
    const { random } = computers
    random.bytes(seed)
    await second.start()
    await computers.pair(first, second)
    await computers.until(() => isShown(second, list), 'the second to have all')
    const ids = [plan, list, await write(first, '# Third'), await write(second, '# Fourth')]
    await computers.until(
      () => [first, second].every(({ workspace }) => workspace.documents().length === 4),
      'all',
    )
    const steps: ((computer: Computer) => Promise<unknown>)[] = [
      ({ workspace }) =>
        workspace.arrange([random.pick(ids)], { folder: random.pick(['', 'A', 'A/B', 'C']) }),
      ({ workspace }) =>
        workspace.arrange([random.pick(ids), random.pick(ids)], { pinned: random.chance(0.5) }),
      ({ workspace }) => workspace.arrange([random.pick(ids)], { archived: random.chance(0.5) }),
      ({ workspace }) => workspace.removeDocuments([random.pick(ids)]),
      ({ workspace }) => workspace.restoreDocuments([random.pick(ids)]),
      ({ workspace }) => workspace.ownWords.add(random.pick(['one', 'two'])),
      ({ workspace }) => workspace.ownWords.remove(random.pick(['one', 'two'])),
    ]
    for (let step = 0; step < 60; step++) {
      const computer = random.pick([first, second])
      const event = random.below(10)
      if (event === 0) {
        void random
          .pick(steps)(computer)
          .catch(() => undefined)
        await quiet(random.below(4))
        computer.crash()
        await computer.start()
      } else if (event === 1) {
        computers.world.cut('first', 'second')
        await computers.clock.advance(random.below(20_000))
      } else if (event === 2) computers.world.heal('first', 'second')
      // A document that is removed on this computer, or not any more, is a fair refusal.
      else await computers.done(random.pick(steps)(computer)).catch(codeOf)
      await computers.clock.advance(random.below(2_000))
    }
    computers.world.heal('first', 'second')
    await computers.until(agree, 'one arrangement', 300_000)
    const end = arranged(first)
    for (const computer of [first, second]) {
      await computer.quit()
      await computer.start()
      expect(arranged(computer)).toEqual(end)
    }
    expect(end.documents.length + end.removed.length).toBe(4)
  })
})

function codeOf(error: { code?: string }): void {
  expect(error.code).toBe('DOCUMENT_UNKNOWN')
}
