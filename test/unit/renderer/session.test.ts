import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DocumentStatus } from '../../../preload/contract/document'
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
    expect(line()).toBe('Saved')
    app.navigation.session?.progressed({ pending: true, ownVersion: 0, failure: null })
    expect(line()).toBe('')
    app.navigation.session?.progressed({ pending: false, ownVersion: 1, failure: null })
    expect(line()).toBe('')
    border.tell('status', { id: 'one', status: { ...status, savedVersion: 1 } })
    expect(line()).toBe('')
    await vi.advanceTimersByTimeAsync(500)
    expect(line()).toBe('Saved')
    app.navigation.session?.progressed({ pending: true, ownVersion: 1, failure: null })
    expect(line()).toBe('')
  })

  it('says saving only when an edit has waited for 2 s, however long someone types', async () => {
    app.navigation.show('one')
    await turn()
    const { session } = app.navigation
    session?.attach(editor().attached)
    // A key every 100 ms, each saved 1 s later.
    for (let key = 1; key <= 60; key++) {
      session?.progressed({ pending: true, ownVersion: key - 1, failure: null })
      await vi.advanceTimersByTimeAsync(5)
      session?.progressed({ pending: true, ownVersion: key, failure: null })
      if (key > 10) border.tell('status', { id: 'one', status: { savedVersion: key - 10 } })
      await vi.advanceTimersByTimeAsync(95)
      expect(line()).toBe('')
    }
    // Then the disk stops: the oldest edit that waits is 1 s old.
    session?.progressed({ pending: false, ownVersion: 60, failure: null })
    await vi.advanceTimersByTimeAsync(900)
    expect(line()).toBe('')
    await vi.advanceTimersByTimeAsync(300)
    expect(line()).toBe('Saving…')
    border.tell('status', { id: 'one', status: { savedVersion: 60 } })
    await vi.advanceTimersByTimeAsync(500)
    expect(line()).toBe('Saved')
  })

  it('says reading only when it takes longer than 2 s', async () => {
    border.opened = { ...border.opened, status: { ...status, loading: true } }
    app.navigation.show('one')
    await turn()
    expect(line()).toBe('')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(line()).toBe('Reading from this computer…')
    border.tell('status', { id: 'one', status: { loading: false } })
    expect(line()).toBe('Saved')
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
    expect(line()).toBe('Needs attention · Not saved · Nobody else is here')
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
    expect(border.asked).not.toContain('removeDocuments one')
    expect(app.navigation.session).toMatchObject({ id: 'one', unsent: ['my words'] })
  })

  it('shows a place once its text reaches it or is complete', async () => {
    const reading = { ...status, loading: true }
    border.opened = { ...border.opened, status: reading }
    app.navigation.show('one', { at: { from: 3, to: 7 } })
    await turn()
    const first = editor(5)
    app.navigation.session?.attach(first.attached)
    expect(first.heard.filter((words) => words.startsWith('reveal'))).toEqual([])
    border.tell('status', { id: 'one', status: { loading: false } })
    border.tell('status', { id: 'one', status: { shared: true } })
    expect(first.heard.filter((words) => words.startsWith('reveal'))).toEqual(['reveal 3-7'])
    // It is on screen already.
    app.navigation.show('one', { at: { from: 1, to: 2 } })
    expect(first.heard.slice(-2)).toEqual(['focus', 'reveal 1-2'])
    // Its text reaches there before it was all read.
    app.navigation.show('two', { at: { from: 3, to: 7 } })
    await turn()
    const second = editor(9)
    app.navigation.session?.attach(second.attached)
    expect(second.heard.at(-1)).toBe('reveal 3-7')
  })

  it('puts the caret below the heading of a new document before the rest of it is known', async () => {
    border.opened = { ...border.opened, status: { ...status, loading: true } }
    border.answers.createDocument = () => ({ ok: true, value: { id: 'new', length: 8 } })
    await app.library.create('Plan')
    await turn()
    const { heard, attached } = editor(8)
    app.navigation.session?.attach(attached)
    expect(heard.at(-1)).toBe('reveal 8-8')
  })

  it('shows a heading once it has the text, and nothing where the heading is missing', async () => {
    app.navigation.show('one')
    app.navigation.session?.revealHeading('two')
    await turn()
    const { heard, attached } = editor()
    app.navigation.session?.attach(attached)
    expect(heard.at(-1)).toBe('reveal 13-13')
    heard.length = 0
    app.navigation.session?.revealHeading('three')
    border.tell('status', { id: 'one', status: { loading: false } })
    expect(heard.filter((words) => words.startsWith('reveal'))).toEqual([])
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
