import { beforeEach, describe, expect, it } from 'vitest'
import { LibraryChanges } from '../../../main/workspace/library-changes'
import type { DocumentSummary, LibraryChange } from '../../../preload/contract/library'
import { ManualClock } from '../../support/manual-clock'

const summaryOf = (id: string, title: string): DocumentSummary => ({
  ...{ id, title, role: 'write', editedAt: 1, createdAt: 1, people: [], waiting: false },
  ...{ replaced: false, folder: '', pinned: false, archived: false, tags: [] },
})

let clock: ManualClock
let shown: Map<string, DocumentSummary>
let asked: string[]
let heard: LibraryChange[]
let changes: LibraryChanges
beforeEach(() => {
  clock = new ManualClock()
  shown = new Map()
  asked = []
  heard = []
  changes = new LibraryChanges({
    clock,
    summary: (id) => {
      asked.push(id)
      return shown.get(id) ?? null
    },
    onChange: (change) => heard.push(change),
  })
})
const set = (id: string, title: string): void => {
  shown.set(id, summaryOf(id, title))
  changes.note(id)
}

describe('changes of the library', () => {
  it('are reported together, by document, and look at no other document', async () => {
    for (let place = 0; place < 10_000; place++) shown.set(`other ${place}`, summaryOf(`other ${place}`, ''))
    set('a', 'First')
    set('b', 'Second')
    set('a', 'Third')
    await clock.advance(100)
    expect(heard).toEqual([{ changed: [summaryOf('a', 'Third'), summaryOf('b', 'Second')], gone: [] }])
    expect(asked).toEqual(['a', 'b'])
  })

  it('are reported where something is shown otherwise, and once', async () => {
    set('a', 'First')
    await clock.advance(100)
    set('a', 'First')
    await clock.advance(100)
    expect(heard).toHaveLength(1)
    shown.delete('a')
    changes.note('a')
    await clock.advance(100)
    changes.note('a')
    await clock.advance(100)
    expect(heard.slice(1)).toEqual([{ changed: [], gone: ['a'] }])
  })

  it('are reported to who read the list between two states, though the first is back', async () => {
    set('a', 'First')
    await clock.advance(100)
    set('a', 'Second')
    changes.wasRead()
    set('a', 'First')
    await clock.advance(100)
    expect(heard.at(-1)).toEqual({ changed: [summaryOf('a', 'First')], gone: [] })
    expect(heard).toHaveLength(2)
  })

  it('are not reported once it stopped', async () => {
    set('a', 'First')
    changes.stop()
    set('b', 'Second')
    await clock.advance(100)
    expect(heard).toEqual([])
  })
})
