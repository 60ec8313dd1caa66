import { expect, it } from 'vitest'
import type { CallHandlers } from '../../../main/electron/calls/handlers'
import { LinkOffers } from '../../../main/electron/link-offers'
import { type OwnedWindow, Windows, type WindowWatch } from '../../../main/electron/windows'

/** A window that notes what it receives, and closes when the test says so. */
class TestWindow implements OwnedWindow {
  readonly heard: unknown[] = []
  readonly left: string[] = []
  isLeaving = false
  loads = 0
  focused = 0
  private closed = (): void => undefined

  constructor(
    readonly watch: WindowWatch,
    readonly beside: TestWindow | null,
  ) {}

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
const opened = () =>
  new Windows<TestWindow>({ make: (watch, beside) => new TestWindow(watch, beside), offers })
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
