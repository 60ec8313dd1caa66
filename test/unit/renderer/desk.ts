import { collab } from '@codemirror/collab'
import { ChangeSet, EditorState, type Transaction, type TransactionSpec } from '@codemirror/state'
import { SwarmpadError } from '../../../main/base/errors'
import { EditVersions } from '../../../main/document/edit-versions'
import { checkArguments } from '../../../main/electron/calls/arguments'
import type { Outcome } from '../../../preload/contract/bridge'
import type { Update } from '../../../preload/contract/updates'
import { toText } from '../../../preload/text'
import { CollabClient, type Editor, type Progress } from '../../../renderer/editor/collab'
import type { Random } from '../../support/random'

/** How often something goes wrong on the way, from 0 to 1. */
export interface Weather {
  /** An event is lost. */
  readonly lose: number
  /** An event comes twice. */
  readonly double: number
  /** A push is refused before it did anything. */
  readonly refuse: number
  /** The text cannot be reloaded. */
  readonly unread: number
  /** A push is done, and its answer does not come through. */
  readonly unanswered: number
  /** An event overtakes another. */
  readonly disorder: number
  /** A window composes a word, for which others' edits wait. */
  readonly compose: number
}

/** Nothing goes wrong. */
export const calm: Weather = {
  lose: 0,
  double: 0,
  refuse: 0,
  unread: 0,
  unanswered: 0,
  disorder: 0,
  compose: 0,
}
const refusals = ['CLOSED', 'VERSION_GONE', 'EDIT_INVALID', 'STORE_WRITE_FAILED']

/** The main process and some windows on one document, between which everything takes its time. */
export class Desk {
  readonly versions: EditVersions
  private readonly id = '0'.repeat(64)
  readonly windows: Window[] = []
  readonly random: Random
  weather: Weather
  /** Pending steps; each runs when it is picked. */
  private readonly pending: (() => void)[] = []
  private opened = 0
  private timers: { run: () => void }[] = []

  constructor(random: Random, text: string, weather = calm) {
    this.random = random
    this.versions = new EditVersions(toText(text))
    this.weather = weather
  }

  open(): Window {
    const window = new Window(this, `window-${this.opened++}`)
    this.windows.push(window)
    return window
  }

  /** A window is closed: it hears nothing any more, and hands over what it has. */
  leave(window: Window): Promise<void> {
    this.windows.splice(this.windows.indexOf(window), 1)
    return window.client.close()
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
      checkArguments('pushEdits', [this.id, version, updates])
      this.versions.push(version, updates)
    } catch (error) {
      if (error instanceof SwarmpadError) return refused(error.code)
      throw error
    }
    this.tell(before)
    if (this.random.chance(this.weather.unanswered)) throw new Error('the answer is lost')
    return { ok: true, value: null }
  }

  /** The newest text, as openDocument tells it. */
  load(): Outcome<{ version: number; text: string }> {
    if (this.random.chance(this.weather.unread)) return refused('CLOSED')
    return { ok: true, value: { version: this.versions.version, text: this.versions.text.toString() } }
  }

  /** Answers a call later; what is asked happens on the way. */
  answer<T>(run: () => Outcome<T>): Promise<Outcome<T>> {
    return new Promise((resolve, reject) => {
      this.pending.push(() => {
        try {
          const outcome = run()
          this.pending.push(() => resolve(outcome))
        } catch (error) {
          this.pending.push(() => reject(error))
        }
      })
    })
  }

  /** True if a window is composing; it ends that later. */
  composes(end: () => void): boolean {
    if (this.weather.compose === 0 || !this.random.chance(this.weather.compose)) return false
    this.pending.push(end)
    return true
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
      ...windows.map((window) => () => window.hear(this.random.chance(this.weather.disorder))),
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
    const lost = this.weather.lose > 0
    this.weather = calm
    // A window that missed something sees it by the next event.
    if (lost) this.remote(0, '')
    for (let steps = 0; await this.step(); steps++)
      if (steps > 20_000) throw new Error('it never comes to rest')
  }

  private fire(timer: { run: () => void }): void {
    this.timers = this.timers.filter((other) => other !== timer)
    timer.run()
  }

  private tell(before: number): void {
    const updates = this.versions.since(before)
    for (const window of this.windows) {
      if (this.random.chance(this.weather.lose)) continue
      window.events.push({ version: before, updates })
      if (this.random.chance(this.weather.double)) window.events.push({ version: before, updates })
    }
  }
}

/** One window: an editor's state with the client on it. */
export class Window implements Editor {
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
      reload: () => desk.answer(() => desk.load()),
      later: (_ms, run) => desk.later(run),
      mustWait: () => desk.composes(() => this.client.resume()),
      onProgress: (progress) => {
        this.progress = progress
      },
      onUnsent: (text) => this.unsent.push(text),
    })
    this.client.edited()
  }

  get text(): string {
    return this.state.doc.toString()
  }

  dispatch(transactions: readonly Transaction[]): void {
    for (const { startState, state } of transactions) {
      if (startState !== this.state) throw new Error('a transaction does not follow the one before')
      this.state = state
    }
  }

  /** Edits as a person does. */
  edit(spec: TransactionSpec): void {
    this.dispatch([this.state.update(spec)])
    this.client.edited()
  }

  /** Takes the next event, or the one after it. */
  hear(disorder: boolean): void {
    const [event] = this.events.splice(disorder && this.events.length > 1 ? 1 : 0, 1)
    if (event) this.client.receive(event.version, event.updates)
  }
}

/** Outcome of a refused call. */
export const refused = (code: string): Outcome<never> => ({ ok: false, code, message: 'refused by the test' })
