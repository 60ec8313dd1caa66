import { expect, it } from 'vitest'
import type { CallHandlers } from '../../../main/electron/calls/handlers'
import { LinkOffers } from '../../../main/electron/link-offers'
import { type OwnedWindow, type WindowStart, Windows, type WindowWatch } from '../../../main/electron/windows'
import type { WindowRecord } from '../../../main/library/window-records'
import { emptyLayout, type WindowLayout } from '../../../preload/contract/layout'

/** A window that notes what it receives, and closes when the test says so. */
class TestWindow implements OwnedWindow {
  readonly heard: unknown[] = []
  readonly left: string[] = []
  isLeaving = false
  record: WindowRecord | null = null
  loads = 0
  focused = 0
  private closed = (): void => undefined

  constructor(
    readonly watch: WindowWatch,
    readonly beside: TestWindow | null,
    readonly start: WindowStart,
  ) {
    if (start.layout) this.record = { layout: start.layout, place: start.place }
  }

  tell = (name: string, detail: unknown) => void this.heard.push([name, detail])
  tellWhenLoaded = (name: string, detail: unknown) => this.tell(name, detail)
  handlersFor = (sender: unknown) => (sender === this ? Promise.resolve<Partial<CallHandlers>>({}) : null)
  leave = async (id: string) => void this.left.push(id)
  load = () => void this.loads++
  focus = () => void this.focused++
  close(): Promise<void> {
    this.isLeaving = true
    return new Promise((resolve) => {
      this.closed = resolve
    })
  }
  destroy(): void {
    this.isLeaving = true
    this.watch.onPageGone()
    this.watch.onClosed()
    this.closed()
  }
}

const offers = new LinkOffers<TestWindow>()
const opened = (note: (windows: readonly WindowRecord[]) => void = () => undefined) =>
  new Windows<TestWindow>({
    make: (watch, beside, start) => new TestWindow(watch, beside, start),
    note,
    offers,
  })
const two = () => {
  const windows = opened()
  const [first, second] = [windows.open(), windows.open()]
  if (!first || !second) throw new Error('no window')
  return { windows, first, second }
}

it('what concerns one window goes to the last that had the focus and does not close', () => {
  const { windows, first, second } = two()
  expect([first.beside, second.beside]).toEqual([null, first])
  expect(windows.current).toBe(second)
  first.watch.onFocus()
  windows.tellOne('notice', { message: 'Hello', stays: false })
  windows.tellAll('lock', { locked: true })
  expect(first.heard).toEqual([
    ['notice', { message: 'Hello', stays: false }],
    ['lock', { locked: true }],
  ])
  expect(second.heard).toEqual([['lock', { locked: true }]])
  expect([first.watch.hasOthers(), second.watch.hasOthers()]).toEqual([true, true])
  void first.close()
  expect(windows.current).toBe(second)
  expect([first.watch.hasOthers(), second.watch.hasOthers()]).toEqual([true, false])
  first.destroy()
  second.destroy()
  expect(windows.current).toBeNull()
  windows.tellOne('notice', { message: 'Nobody', stays: false })
  expect(windows.currentOrNew()?.beside).toBeNull()
})

it('a call is answered for the page of its own window only', () => {
  const { windows, first, second } = two()
  expect(windows.handlersFor(second, 'documents')).not.toBeNull()
  expect(windows.handlersFor({}, 'documents')).toBeNull()
  first.destroy()
  expect(windows.handlersFor(first, 'documents')).toBeNull()
})

it('a document that one window removes is closed in the others', async () => {
  const { windows, first, second } = two()
  await windows.leave('id', first)
  expect([first.left, second.left]).toEqual([[], ['id']])
})

it('a link is asked about in one window, after a reload again, and elsewhere when that window has gone', () => {
  const { windows, first, second } = two()
  windows.askAbout('swarmpad:spw1a', 'write')
  const asked = ['confirmLink', { offer: 1, role: 'write' }]
  expect([first.heard, second.heard]).toEqual([[], [asked]])
  // The same link once more, while another window has the focus.
  first.watch.onFocus()
  windows.askAbout('swarmpad:spw1a', 'write')
  expect([first.heard, second.heard, second.focused]).toEqual([[], [asked, asked], 1])
  second.watch.onPageGone()
  expect([first.heard, second.heard.length]).toEqual([[], 3])
  second.destroy()
  expect(first.heard).toEqual([asked])
  first.destroy()
  expect(windows.open()?.heard).toEqual([asked])
})

it('all windows close at once, and none opens from then on', async () => {
  const { windows, first, second } = two()
  let done = false
  const closing = windows.close().then(() => {
    done = true
  })
  expect([first.isLeaving, second.isLeaving]).toEqual([true, true])
  first.destroy()
  await Promise.resolve()
  expect(done).toBe(false)
  windows.destroy()
  await closing
  expect([windows.open(), windows.currentOrNew()]).toEqual([null, null])
})

it('no more than 20 windows open', () => {
  const windows = opened()
  for (let count = 0; count < 20; count++) expect(windows.openAnother()).not.toBeNull()
  const last = windows.current
  expect(() => windows.openAnother()).toThrow(expect.objectContaining({ code: 'WINDOWS_FULL' }))
  last?.destroy()
  expect(windows.openAnother()).not.toBeNull()
})

const layoutOf = (id: string): WindowLayout => ({ ...emptyLayout, panes: [{ tabs: [id], front: id }] })

it('what the windows show is noted in the order of their focus, also as they are closed together', () => {
  const noted: string[] = []
  const windows = opened((all) =>
    noted.push(all.map(({ layout }) => layout.panes[0]?.front ?? 'nothing').join(' ')),
  )
  const first = windows.open()
  if (!first) throw new Error('no window')
  // The first one is not known before the profile is open.
  const second = windows.openAnother(layoutOf('two'))
  second?.watch.onLayout()
  expect(noted).toEqual([])
  first.record = { layout: layoutOf('one'), place: null }
  first.watch.onLayout()
  windows.restore([
    { layout: layoutOf('three'), place: 3 },
    { layout: layoutOf('four'), place: 4 },
  ])
  expect(windows.current).toBe(second)
  second?.watch.onLayout()
  first.watch.onFocus()
  expect(noted).toEqual(['one two', 'three four one two', 'three four two one'])
  // One of several that is closed is not shown again.
  second?.destroy()
  const three = windows.find(({ start }) => start.place === 3)
  expect(three?.start).toEqual({ layout: layoutOf('three'), place: 3, isBehind: true })
  if (three) three.record = { layout: layoutOf('three'), place: 'moved' }
  void windows.close()
  expect(noted.slice(3)).toEqual(['three four one', 'three four one'])
  for (const place of [3, 4]) windows.find(({ start }) => start.place === place)?.destroy()
  first.destroy()
  expect(noted).toHaveLength(5)
  expect(windows.open()).toBeNull()
})

it('no more windows are shown again than there may be', () => {
  const windows = opened()
  windows.open()
  windows.restore(Array.from({ length: 25 }, () => ({ layout: emptyLayout, place: null })))
  expect(() => windows.openAnother()).toThrow('WINDOWS_FULL')
})
