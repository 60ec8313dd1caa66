import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCommand } from '../../../renderer/commands'
import { AppState } from '../../../renderer/state/app-state.svelte'
import { Border, editor, status } from './border'

let border: Border
let app: AppState
beforeEach(async () => {
  vi.useFakeTimers()
  border = new Border()
  app = new AppState(border, runCommand)
  await app.start()
})
afterEach(async () => {
  await app.stop()
  vi.useRealTimers()
})

const turn = () => vi.advanceTimersByTimeAsync(0)

describe('the window', () => {
  it('removes with a way back', async () => {
    app.navigation.show('one')
    await turn()
    await app.library.remove('one')
    expect(app.navigation.session).toBeNull()
    expect(border.asked.slice(-2)).toEqual(['closeDocument one', 'removeDocuments one'])
    const [toast] = app.toasts.list
    expect(toast?.message).toBe('“One” was removed.')
    toast?.action?.run()
    await turn()
    expect(border.asked).toContain('restoreDocuments one')
    expect(app.navigation.session?.id).toBe('one')
  })

  it('tells what was left out until it is put away, and where it was saved', async () => {
    const entry = { key: 'a', name: 'Mallory', fingerprint: 'k7qm-2xdp', kind: 'unreadable' as const }
    const tell = (dismissed: boolean) =>
      border.tell('status', { id: 'one', status: { ...status, leftOut: [{ ...entry, dismissed }] } })
    app.navigation.show('one')
    await turn()
    tell(false)
    expect(app.navigation.session?.leftOutWords).toEqual([
      expect.stringMatching(/^Edits by Mallory \(k7qm-2xdp\)/),
    ])
    expect(app.navigation.session?.connection?.line).toMatch(/^Needs attention/)
    await app.quarantine.dismiss('one')
    expect(border.asked).toContain('dismissLeftOut one')
    tell(true)
    expect(app.navigation.session?.leftOutWords).toEqual([])
    expect(app.navigation.session?.leftOut).toHaveLength(1)
    const saved = async (path: string | null, whole: boolean) => {
      border.answers.saveLeftOut = () => ({ ok: true, value: { path, whole } })
      return app.quarantine.save('one')
    }
    expect(await saved(null, true)).toBeNull()
    expect(await saved('/a.json', true)).toBe('Saved as /a.json')
    expect(await saved('/a.json', false)).toMatch(/too much for one file.*beginning.*\/a\.json/)
  })

  it('tells what fails, once, until it is put away', async () => {
    border.answers.createDocument = () => ({
      ok: false,
      code: 'STORE_WRITE_FAILED',
      message: 'The disk is full.',
    })
    await app.library.create()
    await app.library.create()
    expect(app.toasts.list).toMatchObject([{ message: 'The disk is full.', tone: 'error' }])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(app.toasts.list).toHaveLength(1)
    app.toasts.dismiss(app.toasts.list[0]?.id ?? 0)
    expect(app.toasts.list).toEqual([])
  })

  it('keeps a document whose removal failed, and says so', async () => {
    border.answers.removeDocuments = () => ({
      ok: false,
      code: 'STORE_WRITE_FAILED',
      message: 'The disk is full.',
    })
    await app.library.remove('one')
    expect(app.toasts.list).toMatchObject([{ message: 'The disk is full.', tone: 'error', action: null }])
  })

  it('does not push what went wrong off the screen by what went well', async () => {
    app.toasts.fail('wrong')
    for (let count = 0; count < 9; count++) app.toasts.tell(`well ${count}`)
    expect(app.toasts.list.map(({ message }) => message)).toEqual(['wrong', 'well 6', 'well 7', 'well 8'])
    for (let count = 0; count < 5; count++) app.toasts.fail(`wrong ${count}`)
    expect(app.toasts.list.filter(({ tone }) => tone === 'error')).toHaveLength(6)
  })

  it('says why it cannot start, and starts when asked again', async () => {
    border.answers.documents = () => ({ ok: false, code: 'STORE_DAMAGED', message: 'It is damaged.' })
    await app.read()
    expect(app.trouble).toBe('It is damaged.')
    border.answers.documents = () => ({ ok: true, value: [] })
    await app.read()
    expect(app.trouble).toBe('')
    expect(app.library.documents).toEqual([])
  })

  it('keeps a wrong link in its dialog and says what is wrong', async () => {
    app.navigation.dialog = 'open-link'
    border.answers.openLink = () => ({ ok: false, code: 'LINK_DAMAGED', message: 'This link is damaged.' })
    expect(await app.sharing.open(' swarmpad:x ')).toBe('This link is damaged.')
    expect(border.asked).toContain('openLink swarmpad:x')
    expect(app.navigation.dialog).toBe('open-link')
  })

  it('does what the menu says', async () => {
    app.navigation.show('one')
    await turn()
    const { heard, attached } = editor()
    app.navigation.session?.attach(attached)
    app.run('find')
    app.run('share')
    expect(heard).toContain('find')
    expect(app.navigation.dialog).toBe('share')
    app.run('toggle-offline')
    await turn()
    expect(border.asked).toContain('setOffline true')
  })

  it('lets short messages go by themselves, but not while someone reads them', async () => {
    app.toasts.tell('short')
    const [toast] = app.toasts.list
    app.toasts.hold(toast?.id ?? 0)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(app.toasts.list).toHaveLength(1)
    app.toasts.release(toast?.id ?? 0)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(app.toasts.list).toEqual([])
  })
})
