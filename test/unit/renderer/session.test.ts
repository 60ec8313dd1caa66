import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Calls, Events, Outcome } from '../../../preload/contract/bridge'
import type { DocumentStatus, OpenedDocument } from '../../../preload/contract/document'
import type { Api } from '../../../renderer/api'
import { runCommand } from '../../../renderer/commands'
import type { SessionEditor } from '../../../renderer/features/document/document-session.svelte'
import { AppState } from '../../../renderer/state/app-state.svelte'

const status: DocumentStatus = {
  savedVersion: 0,
  loading: false,
  connection: 'looking',
  inSyncWith: 0,
  keepers: { all: 0, withMine: 0 },
  unshared: false,
  shared: false,
  holders: [],
  damaged: false,
  full: [],
  outdated: [],
  problem: null,
  unsaved: null,
  shortage: null,
  leftOut: [],
}

/** Test double of the main process: returns preset answers, and emits events to the window's listeners. */
class Border implements Api {
  readonly asked: string[] = []
  readonly answers: { [Name in keyof Calls]?: () => Outcome<ReturnType<Calls[Name]>> } = {
    profile: () => ({
      ok: true,
      value: {
        name: 'Ada',
        fingerprint: 'abcd',
        knowsAddressIsSeen: true,
        offline: false,
        network: { lan: true, bootstrap: [], relays: [] },
      },
    }),
    documents: () => ({
      ok: true,
      value: [
        { id: 'one', title: 'One', role: 'write', editedAt: 1, people: [], waiting: false, replaced: false },
      ],
    }),
    openDocument: () => ({ ok: true, value: this.opened }),
    lock: () => ({ ok: true, value: { locked: false } }),
  }
  opened: OpenedDocument = {
    id: 'one',
    role: 'write',
    version: 0,
    text: '',
    status,
    people: [],
    carets: [],
    successors: [],
  }
  private readonly listeners = new Map<string, Set<(detail: never) => void>>()

  async call<Name extends keyof Calls>(
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<Outcome<ReturnType<Calls[Name]>>> {
    this.asked.push([name, ...args].join(' '))
    return this.answers[name]?.() ?? ({ ok: true, value: null } as Outcome<ReturnType<Calls[Name]>>)
  }

  on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void {
    const all = this.listeners.get(event) ?? new Set()
    this.listeners.set(event, all.add(listener))
    return () => all.delete(listener)
  }

  tell<Name extends keyof Events>(event: Name, detail: Events[Name]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(detail as never)
  }
}

const editor = () => {
  const heard: string[] = []
  const attached: SessionEditor = {
    receive: (version, updates) => heard.push(`updates ${version}+${updates.length}`),
    setPeople: (people) => heard.push(`people ${people.length}`),
    setCarets: (version, carets) => heard.push(`carets ${version}:${carets.length}`),
    focus: () => heard.push('focus'),
    copyAll: () => heard.push('copy') > 0,
    run: (command) => heard.push(command) > 0,
    close: async () => {
      heard.push('close')
    },
  }
  return { heard, attached }
}

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
const line = () => app.navigation.session?.connection?.line

describe('a document on screen', () => {
  it('keeps what it hears before its editor is there', async () => {
    app.navigation.show('one')
    border.tell('updates', { id: 'one', version: 0, updates: [{ clientID: 'peer', changes: [0] }] })
    border.tell('updates', { id: 'other', version: 7, updates: [{ clientID: 'peer', changes: [0] }] })
    await turn()
    border.tell('updates', { id: 'one', version: 1, updates: [{ clientID: 'peer', changes: [0] }] })
    const { heard, attached } = editor()
    app.navigation.session?.attach(attached)
    expect(heard).toEqual(['people 0', 'updates 1+1', 'carets 0:0'])
  })

  it('says saved only after it held for a moment', async () => {
    app.navigation.show('one')
    await turn()
    app.navigation.session?.attach(editor().attached)
    expect(line()).toBe('Saved on this computer · Looking for peers')
    app.navigation.session?.progressed({ pending: true, ownVersion: 0, failure: null })
    expect(line()).toContain('Saving…')
    app.navigation.session?.progressed({ pending: false, ownVersion: 1, failure: null })
    expect(line()).toContain('Saving…')
    border.tell('status', { id: 'one', status: { ...status, savedVersion: 1 } })
    expect(line()).toContain('Saving…')
    await vi.advanceTimersByTimeAsync(500)
    expect(line()).toContain('Saved on this computer')
    app.navigation.session?.progressed({ pending: true, ownVersion: 1, failure: null })
    expect(line()).toContain('Saving…')
  })

  it('merges the fields of the status that changed, also those that come before the answer', async () => {
    border.answers.openDocument = () => {
      border.tell('status', { id: 'one', status: { connection: 'connected', inSyncWith: 1 } })
      return {
        ok: true,
        value: { ...border.opened, status: { ...status, connection: 'unreachable', damaged: true } },
      }
    }
    app.navigation.show('one')
    await turn()
    app.navigation.session?.attach(editor().attached)
    expect(app.navigation.session?.damaged).toBe(true)
    const before = line()
    border.tell('status', { id: 'one', status: { damaged: false } })
    expect([app.navigation.session?.damaged, line()]).toEqual([false, before])
    border.tell('status', { id: 'one', status: { connection: 'off' } })
    expect(line()).not.toBe(before)
    expect(before).not.toContain('unreachable')
  })

  it('tells over the text why its last words are not saved, and lets nobody have them meanwhile', async () => {
    const person = {
      key: 'p',
      name: 'Ben',
      fingerprint: 'k7qm',
      own: false,
      role: 'write',
      color: 0,
    } as const
    const holder = { key: 'h', kind: 'person', name: 'Ben', fingerprint: 'k7qm', here: true } as const
    const holders = [{ ...holder, hasMine: true, confirmedAt: 1, deniedAt: null }]
    const saved: DocumentStatus = { ...status, savedVersion: 1, holders }
    border.opened = { ...border.opened, version: 1, status: saved, people: [{ ...person, hasMine: true }] }
    app.navigation.show('one')
    await turn()
    app.navigation.session?.attach(editor().attached)
    const told = () => ({
      unsaved: app.navigation.session?.unsaved,
      person: app.navigation.session?.people[0]?.hasMine,
      holder: app.navigation.session?.holders[0]?.hasMine,
    })
    expect(told()).toEqual({ unsaved: null, person: true, holder: true })
    app.navigation.session?.progressed({ pending: false, ownVersion: 2, failure: null })
    expect(told()).toEqual({ unsaved: null, person: false, holder: false })
    border.tell('status', { id: 'one', status: { ...saved, unsaved: 'The disk is full.' } })
    expect(told()).toEqual({ unsaved: 'The disk is full.', person: false, holder: false })
    expect(line()).toBe('Needs attention · Not saved · Looking for peers')
    border.tell('status', { id: 'one', status: { ...saved, savedVersion: 2 } })
    await vi.advanceTimersByTimeAsync(500)
    expect(told()).toEqual({ unsaved: null, person: true, holder: true })
    // A copy that the main process saves lacks edits that it did not take.
    app.navigation.session?.progressed({ pending: true, ownVersion: 2, failure: 'No answer.' })
    expect(told().unsaved).toBe('No answer. Swarmpad keeps trying.')
    expect(app.navigation.session?.isCutOff).toBe(true)
  })

  it('is opened again only after its edits were handed over', async () => {
    app.navigation.show('one')
    await turn()
    const { attached } = editor()
    let handOver: () => void = () => undefined
    app.navigation.session?.attach({
      ...attached,
      close: () => new Promise((resolve) => (handOver = resolve)),
    })
    app.navigation.show('two')
    app.navigation.show('one')
    await turn()
    expect(border.asked.filter((call) => call === 'openDocument one')).toHaveLength(1)
    handOver()
    await turn()
    expect(border.asked.indexOf('closeDocument one')).toBeLessThan(
      border.asked.lastIndexOf('openDocument one'),
    )
    expect(border.asked.filter((call) => call === 'openDocument one')).toHaveLength(2)
  })

  it('is not closed under who opens it again while earlier visits still end', async () => {
    const { attached } = editor()
    let handOver = (): void => undefined
    app.navigation.show('one')
    await turn()
    app.navigation.session?.attach({
      ...attached,
      close: () => new Promise((resolve) => (handOver = resolve)),
    })
    for (const id of ['two', 'one', 'two', 'one']) {
      app.navigation.show(id)
      await turn()
    }
    handOver()
    await turn()
    expect(app.navigation.session).toMatchObject({ id: 'one', phase: 'open' })
    expect(border.asked.lastIndexOf('closeDocument one')).toBeLessThan(
      border.asked.lastIndexOf('openDocument one'),
    )
  })

  it('comes back on screen with words that could not be handed over', async () => {
    app.navigation.show('one')
    await turn()
    const { session } = app.navigation
    session?.attach({ ...editor().attached, close: async () => session.keepUnsent('my words') })
    app.navigation.show('two')
    await turn()
    expect(app.navigation.session).toMatchObject({ id: 'one', phase: 'open', unsent: ['my words'] })
    expect(app.toasts.list).toMatchObject([{ tone: 'error' }])
    app.navigation.session?.dismissUnsent()
    expect(app.navigation.session?.unsent).toEqual([])
  })

  it('is not removed while words of it are nowhere else', async () => {
    app.navigation.show('one')
    await turn()
    const { session } = app.navigation
    session?.attach({ ...editor().attached, close: async () => session.keepUnsent('my words') })
    await app.library.remove('one')
    await turn()
    expect(border.asked).not.toContain('removeDocument one')
    expect(app.navigation.session).toMatchObject({ id: 'one', unsent: ['my words'] })
  })

  it('hears nothing any more once it was left', async () => {
    app.navigation.show('one')
    await turn()
    const { heard, attached } = editor()
    app.navigation.session?.attach(attached)
    app.navigation.show('two')
    await turn()
    heard.length = 0
    border.tell('updates', { id: 'one', version: 0, updates: [{ clientID: 'peer', changes: [0] }] })
    border.tell('people', { id: 'one', people: [] })
    border.tell('carets', { id: 'one', version: 0, carets: [] })
    expect(heard).toEqual([])
  })

  it('that cannot be opened says why, and is tried again', async () => {
    border.answers.openDocument = () => ({ ok: false, code: 'STORE_DAMAGED', message: 'It is damaged.' })
    app.navigation.show('one')
    await turn()
    expect(app.navigation.session).toMatchObject({ phase: 'failed', error: 'It is damaged.' })
    border.answers.openDocument = () => ({ ok: true, value: border.opened })
    app.navigation.show('one')
    await turn()
    expect(app.navigation.session?.phase).toBe('open')
  })
})

describe('the window', () => {
  it('removes with a way back', async () => {
    app.navigation.show('one')
    await turn()
    await app.library.remove('one')
    expect(app.navigation.session).toBeNull()
    expect(border.asked.slice(-2)).toEqual(['closeDocument one', 'removeDocument one'])
    const [toast] = app.toasts.list
    expect(toast?.message).toBe('“One” was removed from this computer.')
    toast?.action?.run()
    await turn()
    expect(border.asked).toContain('restoreDocument one')
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
    border.answers.removeDocument = () => ({
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
