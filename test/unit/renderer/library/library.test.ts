import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../../../../renderer/commands'
import { AppState } from '../../../../renderer/state/app-state.svelte'
import { summary } from '../../../support/summary'
import { Border } from '../border'

const summaryOf = (id: string, editedAt: number, title = id) => summary({ id, title, editedAt })

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

  it('offers a way back for the documents that were removed before something failed', async () => {
    const many = Array.from({ length: 10_001 }, (_, index) => summaryOf(`${index}`, 0))
    border.tell('documents', { changed: many, gone: [] })
    const calls = (name: string) =>
      border.asked.flatMap((call) => (call.startsWith(name) ? [call.split(',').length] : []))
    const refused = { ok: false, code: 'STORE_WRITE_FAILED', message: 'The disk is full.' } as const
    border.answers.removeDocuments = () =>
      calls('removeDocuments').length > 1 ? refused : { ok: true, value: null }
    await app.library.remove(...many.map(({ id }) => id))
    expect(calls('removeDocuments')).toEqual([10_000, 1])
    expect(app.toasts.list.map(({ message }) => message)).toEqual([
      ...['The disk is full.', '10,000 documents were removed.'],
    ])
    app.toasts.list.at(-1)?.action?.run()
    await expect.poll(() => calls('restoreDocuments')).toEqual([10_000])
  })

  it('restores and deletes as many removed documents at once as one call may have', async () => {
    const one = { title: '', role: 'write', removedAt: 0 } as const
    const removed = Array.from({ length: 10_001 }, (_, index) => ({ ...one, id: `${index}` }))
    border.tell('removed', removed)
    const ids = removed.map(({ id }) => id)
    const calls = () => border.asked.slice(-2).map((call) => call.split(',').length)
    await app.library.removed.restore(ids)
    expect(calls()).toEqual([10_000, 1])
    expect(app.toasts.list.at(-1)?.message).toBe('10,001 documents are in the library again.')
    await app.library.removed.deleteNow(ids)
    expect(calls()).toEqual([10_000, 1])
    expect(border.asked.at(-1)).toBe('deleteDocuments 10000')
  })
})
