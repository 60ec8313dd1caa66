import { collab, sendableUpdates } from '@codemirror/collab'
import { ChangeSet, EditorState, type Transaction, type TransactionSpec } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { EditVersions } from '../../../main/document/edit-versions'
import { SwarmpadError } from '../../../main/errors'
import type { Outcome, Update } from '../../../preload/contract'
import { CollabClient, type Editor, type Progress } from '../../../renderer/editor/collab'
import { toText } from '../../../renderer/editor/text'
import { type Random, randomFrom } from '../../support/random'

/** How often something goes wrong on the way, from 0 to 1. */
interface Weather {
  /** An event is lost. */
  readonly lose: number
  /** An event comes twice. */
  readonly double: number
  /** A call is refused before it did anything. */
  readonly refuse: number
}

const calm: Weather = { lose: 0, double: 0, refuse: 0 }
const refusals = ['CLOSED', 'VERSION_GONE', 'EDIT_INVALID', 'STORE_WRITE_FAILED']

/** The main process and some windows on one document, between which everything takes its time. */
class Desk {
  readonly versions: EditVersions
  readonly windows: Window[] = []
  readonly random: Random
  weather: Weather
  /** What is under way; each happens when it is picked. */
  private readonly pending: (() => void)[] = []
  private timers: { run: () => void }[] = []

  constructor(random: Random, text: string, weather = calm) {
    this.random = random
    this.versions = new EditVersions(toText(text))
    this.weather = weather
  }

  open(): Window {
    const window = new Window(this, `window ${this.windows.length}`)
    this.windows.push(window)
    return window
  }

  /** Another person's change arrives. */
  remote(from: number, insert: string): void {
    const before = this.versions.version
    this.versions.add(ChangeSet.of({ from, insert }, this.versions.text.length, '\n'))
    this.tell(before)
  }

  push(version: number, updates: readonly Update[]): Outcome<null> {
    if (this.random.chance(this.weather.refuse)) return refused(this.random.pick(refusals))
    const before = this.versions.version
    try {
      this.versions.push(version, updates)
    } catch (error) {
      if (error instanceof SwarmpadError) return refused(error.code)
      throw error
    }
    this.tell(before)
    return { ok: true, value: null }
  }

  /** Answers a call later; what is asked happens on the way. */
  answer<T>(run: () => Outcome<T>): Promise<Outcome<T>> {
    return new Promise((resolve) => {
      this.pending.push(() => {
        const outcome = run()
        this.pending.push(() => resolve(outcome))
      })
    })
  }

  later(run: () => void): () => void {
    const timer = { run }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** Lets one thing happen; false when nothing is under way. */
  async step(): Promise<boolean> {
    const windows = this.windows.filter((window) => window.events.length > 0)
    const choices = [
      ...this.pending.map((_, index) => () => this.pending.splice(index, 1)[0]?.()),
      ...windows.map((window) => () => window.hear()),
    ]
    // Timers are long beside the ways of messages.
    const timers = choices.length === 0 ? this.timers.map((timer) => () => this.fire(timer)) : []
    const all = [...choices, ...timers]
    if (all.length === 0) return false
    this.random.pick(all)()
    for (let turn = 0; turn < 3; turn++) await Promise.resolve()
    return true
  }

  /** Lets everything happen that is under way, with nothing going wrong any more. */
  async settle(): Promise<void> {
    if (this.weather.lose > 0) {
      this.weather = calm
      // A window that missed something sees it by the next event.
      this.remote(0, '')
    }
    this.weather = calm
    for (let steps = 0; await this.step(); steps++)
      if (steps > 20_000) throw new Error('it never comes to rest')
  }

  private fire(timer: { run: () => void }): void {
    this.timers = this.timers.filter((other) => other !== timer)
    timer.run()
  }

  private tell(before: number): void {
    const updates = this.versions
      .since(before)
      .map(({ clientID, changes }) => ({ clientID, changes: changes.toJSON() }))
    for (const window of this.windows) {
      if (this.random.chance(this.weather.lose)) continue
      window.events.push({ version: before, updates })
      if (this.random.chance(this.weather.double)) window.events.push({ version: before, updates })
    }
  }
}

/** One window: an editor's state with the client on it. */
class Window implements Editor {
  state: EditorState
  readonly client: CollabClient
  readonly events: { version: number; updates: Update[] }[] = []
  readonly unsent: string[] = []
  progress: Progress | null = null

  constructor(desk: Desk, clientID: string) {
    const opened = { version: desk.versions.version, text: desk.versions.text.toString() }
    this.state = EditorState.create({ doc: toText(opened.text), extensions: collab({ clientID }) })
    this.client = new CollabClient(this, opened, {
      clientID,
      push: (version, updates) => desk.answer(() => desk.push(version, updates)),
      reload: () =>
        desk.answer(() => ({
          ok: true,
          value: { version: desk.versions.version, text: desk.versions.text.toString() },
        })),
      later: (_ms, run) => desk.later(run),
      onProgress: (progress) => {
        this.progress = progress
      },
      onUnsent: (text) => this.unsent.push(text),
    })
  }

  get text(): string {
    return this.state.doc.toString()
  }

  dispatch(transaction: Transaction): void {
    this.state = transaction.state
  }

  /** Edits as a person does. */
  edit(spec: TransactionSpec): void {
    this.dispatch(this.state.update(spec))
    this.client.edited()
  }

  /** Takes the next event. */
  hear(): void {
    const event = this.events.shift()
    if (event) this.client.receive(event.version, event.updates)
  }
}

const refused = (code: string): Outcome<never> => ({ ok: false, code, message: 'refused by the test' })

const runs = process.env.SWARMPAD_SEED
  ? [Number(process.env.SWARMPAD_SEED)]
  : Array.from({ length: Number(process.env.SWARMPAD_RUNS ?? 400) }, (_, seed) => seed)

describe('windows on one document', () => {
  it('come to the same text whatever happens on the way, and lose nothing that was typed', async () => {
    for (const seed of runs) {
      const random = randomFrom(seed)
      const weather = seed % 2 === 0 ? calm : { lose: 0.05, double: 0.1, refuse: 0.1 }
      const desk = new Desk(random, 'shared text '.repeat(random.below(3)), weather)
      const windows = Array.from({ length: 1 + (seed % 3) }, () => desk.open())
      const typed: string[] = []
      for (let step = 0; step < 150; step++) {
        const dice = random.below(10)
        const token = `⟦${seed}.${String(step).padStart(3, '0')} 🙂⟧`
        if (dice < 2) {
          const window = random.pick(windows)
          window.edit({ changes: { from: placeIn(random, window.text), insert: token } })
          typed.push(token)
        } else if (dice === 2) {
          desk.remote(placeIn(random, desk.versions.text.toString()), token)
          typed.push(token)
        } else await desk.step()
      }
      await desk.settle()
      const text = desk.versions.text.toString()
      for (const window of windows) {
        expect(window.text, `seed ${seed}`).toBe(text)
        expect(sendableUpdates(window.state), `seed ${seed}`).toEqual([])
        expect(window.progress?.pending, `seed ${seed}`).toBe(false)
      }
      // Tokens are put between whole tokens only, so each stands in the text whole, or was handed back.
      const unsent = windows.flatMap((window) => window.unsent).join('\n')
      for (const token of typed)
        expect(
          text.split(token).length - 1 + (unsent.includes(token) ? 1 : 0),
          `seed ${seed}: ${token}`,
        ).toBe(1)
    }
  })

  it('come to the same text when they also delete and replace', async () => {
    for (const seed of runs) {
      const random = randomFrom(seed + 1_000_000)
      const desk = new Desk(random, 'some text 🙂 to begin with', { lose: 0.03, double: 0.05, refuse: 0.05 })
      const windows = [desk.open(), desk.open()]
      for (let step = 0; step < 120; step++) {
        if (random.chance(0.4)) {
          const window = random.pick(windows)
          const from = random.below(window.text.length + 1)
          const to = Math.min(window.text.length, from + random.below(5))
          window.edit({ changes: { from, to, insert: random.pick(['', 'a', '🙂', '\n', 'ab']) } })
        } else await desk.step()
      }
      await desk.settle()
      for (const window of windows) expect(window.text, `seed ${seed}`).toBe(desk.versions.text.toString())
    }
  })
})

/** A place that is not inside a token. */
function placeIn(random: Random, text: string): number {
  const places = [0, text.length]
  for (let at = text.indexOf('⟦'); at >= 0; at = text.indexOf('⟦', at + 1)) places.push(at)
  return random.pick(places)
}

describe('edits that the main process will not have', () => {
  it('are handed back when the link allows reading only', async () => {
    const desk = new Desk(randomFrom(1), 'text')
    const window = desk.open()
    desk.push = () => refused('ROLE_TOO_LOW')
    window.edit({ changes: { from: 4, insert: ' of mine' } })
    await desk.settle()
    expect(window.text).toBe('text')
    expect(window.unsent).toEqual([' of mine'])
    expect(window.progress).toMatchObject({ pending: false, failure: null })
  })

  it('are kept and tried again while it does not answer', async () => {
    const desk = new Desk(randomFrom(1), 'text')
    const window = desk.open()
    const { push } = desk
    let tries = 0
    desk.push = (version, updates) => (++tries < 4 ? refused('CLOSED') : push.call(desk, version, updates))
    window.edit({ changes: { from: 4, insert: '!' } })
    for (let step = 0; step < 3; step++) await desk.step()
    expect(window.progress).toMatchObject({ pending: true, failure: 'refused by the test' })
    await desk.settle()
    expect(desk.versions.text.toString()).toBe('text!')
    expect(window.progress).toMatchObject({ pending: false, failure: null })
  })
})

describe('places', () => {
  it('follow what is typed here and not confirmed yet', () => {
    const desk = new Desk(randomFrom(1), '0123456789')
    const window = desk.open()
    window.edit({ changes: { from: 2, insert: 'xx' }, selection: { anchor: 4 } })
    expect(window.client.place(5, 0)).toBe(7)
    expect(window.client.place(1, 0)).toBe(1)
    expect(window.client.place(5, 1)).toBeNull()
    expect(window.client.selection()).toEqual({ version: 0, anchor: 2, head: 2 })
  })

  it('follow what others typed since', async () => {
    const desk = new Desk(randomFrom(1), '0123456789')
    const window = desk.open()
    desk.remote(0, 'abc')
    await desk.settle()
    expect(window.client.version).toBe(1)
    expect(window.client.place(5, 0)).toBe(8)
    expect(window.client.place(5, 1)).toBe(5)
  })
})

it('closing hands over what is left', async () => {
  const desk = new Desk(randomFrom(1), 'text')
  const window = desk.open()
  window.edit({ changes: { from: 4, insert: ' one' } })
  window.edit({ changes: { from: 8, insert: ' two' } })
  const closed = window.client.close()
  await desk.settle()
  await closed
  expect(desk.versions.text.toString()).toBe('text one two')
  expect(window.unsent).toEqual([])
})
