import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentSummary } from '../../../../preload/contract/library'
import { runCommand } from '../../../../renderer/commands'
import { AppState } from '../../../../renderer/state/app-state.svelte'
import { Border } from '../border'

const summaryOf = (id: string, editedAt: number, title = id): DocumentSummary => ({
  ...{ id, title, role: 'write', editedAt, createdAt: 1, people: [], waiting: false },
  ...{ replaced: false, folder: '', pinned: false, archived: false, tags: [] },
})

let border: Border
let app: AppState
beforeEach(async () => {
  border = new Border()
  border.answers.documents = () => ({
    ok: true,
    value: [summaryOf('a', 3), summaryOf('b', 2), summaryOf('c', 1)],
  })
  app = new AppState(border, runCommand)
  await app.start()
})
afterEach(() => app.stop())

const ids = () => app.library.documents.map(({ id }) => id)

describe('the library of a window', () => {
  it('takes what changed, sorted among the rest', () => {
    border.tell('documents', { changed: [summaryOf('c', 4, 'New'), summaryOf('d', 2.5)], gone: ['b', 'x'] })
    expect(ids()).toEqual(['c', 'a', 'd'])
    expect(['a', 'b', 'c', 'd'].map((id) => app.library.find(id)?.title ?? null)).toEqual([
      ...['a', null, 'New', 'd'],
    ])
  })

  it('shows the whole list that it reads, whatever it heard before', async () => {
    border.tell('documents', { changed: [summaryOf('d', 9)], gone: [] })
    await app.read()
    expect(ids()).toEqual(['a', 'b', 'c'])
    expect(app.library.find('d')).toBeNull()
  })
})
