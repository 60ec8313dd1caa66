import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../../../../renderer/commands'
import { AppState } from '../../../../renderer/state/app-state.svelte'
import { Border } from '../border'
import { documentOf } from './summaries'

let border: Border
let app: AppState
beforeEach(async () => {
  border = new Border()
  const value = [documentOf('a', { tags: ['Home'] }), documentOf('b')]
  border.answers.documents = () => ({ ok: true, value })
  app = new AppState(border, runCommand)
  await app.start()
})
afterEach(() => app.stop())

describe('the library as the window shows it', () => {
  it('offers a chosen tag that no document has any more, so that it can be taken back', () => {
    const view = app.libraryView
    view.toggleTag('home')
    expect(view.tags).toEqual([{ tag: 'home', words: 'Home', count: 1 }])
    border.tell('documents', { changed: [documentOf('a')], gone: [] })
    expect(view.tags).toEqual([{ tag: 'home', words: 'home', count: 0 }])
    expect(view.order).toEqual([])
    view.toggleTag('home')
    expect([view.tags, view.order]).toEqual([[], ['a', 'b']])
  })

  it('shows the documents with a tag of a text, also after a search and one typed just now', () => {
    const { libraryView: view, navigation } = app
    view.setQuery('b')
    view.toggleTag('boat')
    navigation.libraryShown = false
    app.showTagged('HOME')
    expect([view.query, [...view.chosenTags], view.order]).toEqual(['', ['home'], ['a']])
    expect([navigation.libraryShown, border.asked.at(-1)]).toEqual([true, 'readTags'])
  })

  it('goes on with a search that the palette ended, unless it was done', async () => {
    const asked = () =>
      border.asked.filter((call) => /^(search|endSearch)\b/.test(call)).map((call) => call.split(' ')[0])
    border.answers.search = () => ({ ok: true, value: { search: asked().length } })
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
    const view = app.libraryView
    view.setQuery('plum')
    app.palette.type('pear')
    app.palette.end()
    await turn()
    expect([asked(), view.search.done]).toEqual([['search', 'search', 'endSearch', 'search'], false])
    border.tell('searchHits', { search: 4, hits: [], done: true, searched: 2, documents: 2, failure: null })
    expect(view.search.done).toBe(true)
    app.palette.type('pear')
    app.palette.end()
    expect(asked().slice(4)).toEqual(['search', 'endSearch'])
  })
})
