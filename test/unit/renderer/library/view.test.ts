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
})
