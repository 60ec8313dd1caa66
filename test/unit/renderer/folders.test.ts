import { beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../../../renderer/commands'
import { AppState } from '../../../renderer/state/app-state.svelte'
import { Border } from './border'
import { documentOf } from './library/summaries'

let border: Border
let app: AppState
beforeEach(async () => {
  border = new Border()
  border.answers.documents = () => ({ ok: true, value: ['a', 'b', 'c'].map((id) => documentOf(id)) })
  app = new AppState(border, runCommand)
  await app.start()
  return () => app.stop()
})

describe('copies of selected documents', () => {
  const asked = () => border.asked.filter((call) => call.startsWith('saveCopies'))
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

  it('are asked for in the order of the library, and reported', async () => {
    const report = { path: '/copies', written: 1, same: 1, problems: ['“b”: no'], failed: 1, isWhole: false }
    border.answers.saveCopies = () => ({ ok: true, value: report })
    app.libraryView.selection.all(['c', 'a', 'gone'])
    app.run('save-copies')
    await turn()
    expect(asked()).toEqual(['saveCopies a,c'])
    expect(app.folders.work).toEqual({
      kind: 'copies',
      progress: null,
      words: [
        'It was stopped. Save them in the same folder again to continue.',
        '1 document was written to /copies',
        '1 document was there already, with the same text.',
      ],
      problems: ['“b”: no'],
      failed: 1,
    })
  })

  it('need a selection', () => {
    app.run('save-copies')
    expect(asked()).toEqual([])
    expect(app.toasts.list.map(({ message }) => message)).toEqual(['Select documents in the library first.'])
  })
})
