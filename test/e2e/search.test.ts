import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SearchQuery, SearchState } from '../../preload/contract/search'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

/** Resolves to the last state of a search that the window asks for. */
const search = (desk: Desk, text: string, kind: SearchQuery['kind'] = 'words'): Promise<SearchState> =>
  desk.page.evaluate(
    (query) =>
      new Promise<SearchState>((resolve) => {
        const stop = window.swarmpad.on('searchHits', (state) => {
          if (!state.done) return
          stop()
          resolve(state)
        })
        void window.swarmpad.search(query)
      }),
    { text, kind },
  )

it('a window searches all documents, in a thread that an endless expression does not keep', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create(`# Zürich\n\n${'a'.repeat(60)}b\n\nSee #travel`)
  await ada.page.getByRole('button', { name: /^Zürich/ }).waitFor()
  await ada.create('# Other\n\nfrom Zurich')
  await ada.page.getByRole('button', { name: /^Other/ }).waitFor()
  await ada.holds('# Other\n\nfrom Zurich')

  const { hits } = await search(ada, 'zurich')
  expect(hits.map(({ title, where }) => [title, where])).toEqual([
    ['Zürich', 'title'],
    ['Other', 'text'],
  ])
  expect(await search(ada, '(a+)+c', 'regexp')).toMatchObject({ done: true, failure: 'slow' })
  expect(await search(ada, '(', 'regexp')).toMatchObject({ hits: [], failure: 'invalid' })
  const again = await search(ada, 'z.rich', 'regexp')
  expect(again).toMatchObject({ failure: null, searched: 2, documents: 2 })
  expect(again.hits).toHaveLength(2)

  await expect
    .poll(() =>
      ada.page.evaluate(async () => {
        const outcome = await window.swarmpad.documents()
        return outcome.ok ? outcome.value.flatMap(({ tags }) => tags) : []
      }),
    )
    .toEqual(['travel'])
  expect(ada.errors).toEqual([])
})
