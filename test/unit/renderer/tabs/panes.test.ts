import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { emptyLayout } from '../../../../preload/contract/layout'
import { runCommand } from '../../../../renderer/commands'
import { AppState } from '../../../../renderer/state/app-state.svelte'
import { Border, editor } from '../border'

let border: Border
let app: AppState
const body = {}
let page: { body: object; activeElement: object }
beforeEach(() => {
  vi.useFakeTimers()
  page = { body, activeElement: body }
  vi.stubGlobal('document', page)
  border = new Border()
  app = new AppState(border, runCommand)
})
afterEach(async () => {
  await app.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const turn = () => vi.advanceTimersByTimeAsync(0)
const open = () => app.navigation.panes.sessions.map((session) => session?.id ?? null)
const tabs = () => app.navigation.panes.arrangement.panes.map(({ tabs }) => tabs.join(' '))
const asked = (call: string) => border.asked.filter((one) => one.startsWith(call))

it('only the document in front of each pane is open, and each is handed over before it is opened again', async () => {
  await app.start()
  app.navigation.show('one', { how: 'tab' })
  app.navigation.show('two', { how: 'tab' })
  app.navigation.show('three', { how: 'side' })
  await turn()
  expect([tabs(), open(), app.navigation.session?.id]).toEqual([
    ['one two', 'three'],
    ['two', 'three'],
    'three',
  ])
  expect(asked('closeDocument')).toEqual(['closeDocument one'])
  app.navigation.panes.activate(0)
  app.run('previous-tab')
  await turn()
  expect([open(), app.navigation.session?.id]).toEqual([['one', 'three'], 'one'])
  const three = app.navigation.panes.find('three')
  // The other pane stays as it is while tabs change.
  app.run('close-tab')
  app.run('close-tab')
  await turn()
  expect([tabs(), open()]).toEqual([['three'], ['three']])
  expect(app.navigation.session).toBe(three)
  app.run('reopen-tab')
  app.run('reopen-tab')
  app.run('reopen-tab')
  await turn()
  expect(tabs()).toEqual(['one two three'])
  expect(border.layout).toMatchObject({ panes: [{ tabs: ['one', 'two', 'three'], front: 'one' }], active: 0 })
})

it('shows again what it showed, with what was opened meanwhile in front', async () => {
  border.layout = {
    panes: [
      { tabs: ['one', 'two'], front: 'two' },
      { tabs: ['three'], front: 'three' },
    ],
    active: 1,
    split: 0.3,
    outline: true,
  }
  vi.stubGlobal('window', { matchMedia: () => ({ matches: false }) })
  app.navigation.show('four', { how: 'tab' })
  // Nothing is noted before: it would replace what is to be shown again.
  expect(asked('setLayout')).toEqual([])
  await app.start()
  await turn()
  expect([tabs(), open()]).toEqual([
    ['one two', 'three four'],
    ['two', 'four'],
  ])
  expect(border.layout).toMatchObject({ split: 0.3, outline: true })
})

it('brings a document back whose words could not be handed over, from any tab', async () => {
  await app.start()
  app.navigation.show('one', { how: 'tab' })
  app.navigation.show('two', { how: 'side' })
  await turn()
  const left = app.navigation.panes.find('one')
  left?.attach({ ...editor().attached, close: async () => left.keepUnsent('my words') })
  app.navigation.panes.close('one')
  await turn()
  expect(app.navigation.panes.find('one')).toMatchObject({ phase: 'open', unsent: ['my words'] })
  expect(app.navigation.session?.id).toBe('one')
  // So it does when it was to move to another window.
  const again = app.navigation.session
  again?.attach({ ...editor().attached, close: async () => undefined })
  await app.navigation.moveToWindow('one')
  await turn()
  expect(asked('showInNewWindow')).toEqual([])
  expect(app.navigation.panes.find('one')?.unsent).toEqual(['my words'])
})

it('moves a document to a new window, and keeps it where there may be no more windows', async () => {
  await app.start()
  app.navigation.show('one')
  app.navigation.show('two', { how: 'tab' })
  await turn()
  app.run('tab-to-window')
  await turn()
  expect([tabs(), asked('showInNewWindow')]).toEqual([['one'], ['showInNewWindow two']])
  border.answers.showInNewWindow = () => ({ ok: false, code: 'WINDOWS_FULL', message: 'Too many.' })
  app.run('tab-to-window')
  await turn()
  expect([tabs(), app.toasts.list.map(({ message }) => message)]).toEqual([['one'], ['Too many.']])
})

it('edits that are on their way keep the page, also those of a tab that was left', async () => {
  await app.start()
  app.navigation.show('one')
  await turn()
  expect(app.navigation.panes.pending).toBe(false)
  let handOver = (): void => undefined
  app.navigation.session?.attach({
    ...editor().attached,
    close: () => new Promise((resolve) => (handOver = resolve)),
  })
  app.navigation.show('two')
  await turn()
  expect(app.navigation.panes.pending).toBe(true)
  let stopped = false
  const stopping = app.stop().then(() => (stopped = true))
  await turn()
  expect(stopped).toBe(false)
  handOver()
  await stopping
  expect(asked('closeDocument')).toEqual(['closeDocument two', 'closeDocument one'])
})

it('closes the window with the last tab gone, and forgets tabs of removed documents', async () => {
  await app.start()
  app.navigation.show('one')
  await turn()
  app.run('close-tab')
  expect(asked('closeWindow')).toEqual([])
  app.run('close-tab')
  expect(asked('closeWindow')).toEqual(['closeWindow'])
  await app.library.remove('one')
  app.run('reopen-tab')
  expect(border.layout.panes).toEqual(emptyLayout.panes)
  // Wherever it was removed.
  for (const id of ['one', 'two', 'three']) app.navigation.show(id, { how: 'tab' })
  border.tell('documents', { changed: [], gone: ['one', 'three'] })
  await turn()
  expect([tabs(), open()]).toEqual([['two'], ['two']])
})

it('a tab that closes moves the keyboard only from its own text, and a document that goes moves none', async () => {
  await app.start()
  app.navigation.show('one')
  app.navigation.show('two', { how: 'side' })
  app.navigation.show('three', { how: 'tab' })
  await turn()
  const { panes } = app.navigation
  expect(panes.find('three')?.yields).toBe(false)
  // The keyboard is in the library.
  page.activeElement = {}
  panes.close('three')
  await turn()
  const two = editor()
  expect(panes.session).toMatchObject({ id: 'two', yields: true })
  panes.session?.attach(two.attached)
  panes.close('one')
  await turn()
  expect(two.heard).not.toContain('focus')
  page.activeElement = body
  panes.show('one', 'side')
  await turn()
  panes.close('one')
  await turn()
  expect(two.heard).toContain('focus')
  // Another window removes a document.
  panes.show('three', 'tab')
  await turn()
  border.tell('documents', { changed: [], gone: ['three'] })
  await turn()
  expect(panes.session).toMatchObject({ id: 'two', yields: true })
})
