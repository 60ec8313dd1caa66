import { getSyncedVersion, receiveUpdates, sendableUpdates, type Update } from '@codemirror/collab'
import { ChangeSet, type EditorState, type Text, type Transaction } from '@codemirror/state'
import type { Outcome } from '../../preload/contract/bridge'
import type { Update as WireUpdate } from '../../preload/contract/updates'
import { toText } from '../../preload/text'
import { difference } from '../../preload/text-difference'

/** Editor driven by the client: an EditorView, or any object with a state that accepts transactions. */
export interface Editor {
  readonly state: EditorState
  /** Applies transactions that follow each other, as one update of the screen. */
  dispatch(transactions: readonly Transaction[]): void
}

/** Progress of this editor's own edits. */
export interface Progress {
  /** Some edits made here are not confirmed by the main process. */
  pending: boolean
  /** Every confirmed edit of this program's windows is in the text of this version or an earlier one. */
  ownVersion: number
  /** Why edits cannot be handed over at present, in plain words; null while they can. */
  failure: string | null
}

/** Options and callbacks of the client. */
export interface CollabOptions {
  readonly clientID: string
  push(version: number, updates: WireUpdate[]): Promise<Outcome<null>>
  /** Asks for the newest text. */
  reload(): Promise<Outcome<{ version: number; text: string }>>
  /** Calls `run` after `ms` milliseconds; the result calls it off. */
  later(ms: number, run: () => void): () => void
  /** True if these changes of others have to wait, and all that follow, until `resume` is called. */
  mustWait?(transactions: readonly Transaction[]): boolean
  onProgress(progress: Progress): void
  /** Text that was typed here and could not be merged. It stands in the document no more. */
  onUnsent(text: string): void
}

/** How long a push that was accepted may lack its confirmation, in ms. */
const confirmationLimit = 5_000
const firstRetry = 250
const longestRetry = 5_000
/** After this many refusals in a row the edits are taken out and handed to the person. */
const maxRefusals = 3
/** Answers of the main process that the same edits, given once more, would only get again. */
const refusing: ReadonlySet<string> = new Set([
  'VERSION_GONE',
  'EDIT_INVALID',
  'REQUEST_INVALID',
  'ROLE_TOO_LOW',
])
/** About as much goes in one push, well below what the main process takes: updates, and UTF-16 code units. */
const pushedUpdates = 1_000
const pushedText = 4 * 1024 * 1024
/** An edit of more parts is shown before it is handed over, which takes about as long. */
const manyParts = 500
/** Confirmed changes kept to place carets that arrive for an older version. */
const keptChanges = 500

/**
 * Keeps one editor in step with the main process, which is the authority over versions. One push is
 * in flight at a time; it counts as done when it was answered and its edits came back in an
 * 'updates' event. Whatever goes wrong, text typed here is kept: it is merged again after a reload,
 * or handed to `onUnsent`. The editor's state must hold `collab({ clientID })` at version 0.
 */
export class CollabClient {
  private readonly editor: Editor
  private readonly options: CollabOptions
  /** The authority's version less the collab extension's, which only ever counts up. */
  private offset: number
  /** The authority's text at `version`, as far as this editor has seen it. */
  private base: Text
  private ownVersion: number
  private readonly recent: ChangeSet[] = []
  private inFlight: { unconfirmed: number; accepted: boolean } | null = null
  private answer: Promise<void> = Promise.resolve()
  private reloading = false
  /** Others' changes wait, and so does the confirmation of edits made here. */
  private waiting = false
  private held: { version: number; updates: readonly WireUpdate[] }[] = []
  private refusals = 0
  private failure: string | null = null
  private retry = firstRetry
  private cancelTimer: (() => void) | null = null
  private closed = false

  constructor(editor: Editor, opened: { version: number; text: string }, options: CollabOptions) {
    this.editor = editor
    this.options = options
    this.base = toText(opened.text)
    this.offset = opened.version - getSyncedVersion(editor.state)
    this.ownVersion = opened.version
  }

  /** The authority's version that the confirmed part of this editor's text stands at. */
  get version(): number {
    return getSyncedVersion(this.editor.state) + this.offset
  }

  /** To be called after each transaction, outside the editor's update cycle. */
  edited(): void {
    this.report()
    if (hasManyParts(sendableUpdates(this.editor.state).at(-1))) this.options.later(0, () => this.pump())
    else this.pump()
  }

  /** Takes an 'updates' event. Versions already seen are skipped; a gap makes the client reload. */
  receive(version: number, updates: readonly WireUpdate[]): void {
    if (this.closed) return
    const seen = this.version - version
    if (this.reloading || this.waiting || seen < 0) {
      this.held.push({ version, updates })
      if (!this.reloading && !this.waiting) void this.reload()
      return
    }
    if (seen >= updates.length) return
    try {
      if (!this.accept(updates.slice(seen))) {
        this.waiting = true
        this.held.push({ version, updates })
        return
      }
    } catch {
      // An update that does not fit this text: only the whole text can help.
      void this.reload()
      return
    }
    this.report()
    this.pump()
  }

  /** Takes what had to wait. */
  resume(): void {
    if (!this.waiting || this.closed) return
    this.waiting = false
    for (const { version, updates } of this.held.splice(0)) this.receive(version, updates)
  }

  /** Maps an offset in the text of `version` to the text on screen; null until that version has arrived. */
  place(position: number, version: number): number | null {
    const behind = this.version - version
    if (behind < 0) return null
    const passed = this.recent.slice(Math.max(0, this.recent.length - behind))
    const confirmed = passed.reduce((place, changes) => moved(changes, place), position)
    return sendableUpdates(this.editor.state).reduce((place, { changes }) => moved(changes, place), confirmed)
  }

  /** The main selection in the text of `version`: edits not confirmed yet are taken out of account. */
  selection(): { version: number; anchor: number; head: number } {
    const { state } = this.editor
    const unconfirmed = [...sendableUpdates(state)].reverse()
    const back = (position: number) =>
      unconfirmed.reduce((place, { changes }) => changes.invertedDesc.mapPos(place, -1), position)
    const { anchor, head } = state.selection.main
    return { version: this.version, anchor: back(anchor), head: back(head) }
  }

  /** Hands over what is left and stops. Resolves when it was taken, refused (then `onUnsent`), or failed. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.cancelTimer?.()
    const left = sendableUpdates(this.editor.state)
    if (left.length === 0) return
    // Edits that were accepted and lack only their confirmation are known to the authority by their version.
    const outcome = await this.ask(() => this.options.push(this.version, wire(left)))
    if (outcome.ok) return
    await this.answer
    // Edits accepted by an earlier push are not lost.
    const unsent = left.slice(this.inFlight?.accepted ? this.inFlight.unconfirmed : 0)
    if (unsent.length > 0) this.options.onUnsent(insertedText(unsent))
  }

  /** Applies updates to the text, or returns false if they have to wait. */
  private accept(updates: readonly WireUpdate[]): boolean {
    const parsed = updates.map(({ clientID, changes }) => ({
      clientID,
      changes: ChangeSet.fromJSON(changes),
    }))
    const before = this.version
    const base = parsed.reduce((text, { changes }) => changes.apply(text), this.base)
    const steps: Transaction[] = []
    // One by one, as the authority does it: over several at once, an edit may come to lie elsewhere.
    for (const update of parsed)
      steps.push(receiveUpdates(steps.at(-1)?.state ?? this.editor.state, [update]))
    if (this.options.mustWait?.(steps)) return false
    this.editor.dispatch(steps)
    this.base = base
    for (const { changes } of parsed) this.recent.push(changes)
    if (this.recent.length > 2 * keptChanges) this.recent.splice(0, keptChanges)
    const lastOwn = parsed.findLastIndex(({ clientID }) => clientID !== 'peer')
    if (lastOwn >= 0) this.ownVersion = before + lastOwn + 1
    if (!this.inFlight) return true
    this.inFlight.unconfirmed -= parsed.filter(({ clientID }) => clientID === this.options.clientID).length
    this.settle()
    return true
  }

  private pump(): void {
    if (this.closed || this.reloading || this.inFlight || this.cancelTimer) return
    const updates = firstOf(sendableUpdates(this.editor.state))
    if (updates.length === 0) {
      // A push that seemed to fail was done after all: its edits came back.
      if (this.failure !== null) this.succeed()
      return
    }
    this.inFlight = { unconfirmed: updates.length, accepted: false }
    const { version } = this
    this.answer = this.ask(() => this.options.push(version, wire(updates))).then((outcome) =>
      this.answered(outcome),
    )
  }

  private answered(outcome: Outcome<null>): void {
    if (!this.inFlight) return
    if (outcome.ok) {
      this.inFlight.accepted = true
      this.succeed()
      this.settle()
      if (this.inFlight && !this.closed) this.wait(confirmationLimit, () => this.missConfirmation())
      this.pump()
      return
    }
    this.inFlight = null
    const { code, message } = outcome
    if (refusing.has(code)) {
      this.refusals = code === 'ROLE_TOO_LOW' ? maxRefusals : this.refusals + 1
      void this.reload()
    } else this.fail(message, () => this.pump())
  }

  /** Loads the text whose confirmation did not come, unless it may be among what waits. */
  private missConfirmation(): void {
    if (!this.inFlight?.accepted) return
    if (this.waiting) this.wait(confirmationLimit, () => this.missConfirmation())
    else void this.reload()
  }

  /** Notes that the push in flight is done, once it was both answered and confirmed. */
  private settle(): void {
    if (!this.inFlight?.accepted || this.inFlight.unconfirmed > 0) return
    this.inFlight = null
    this.refusals = 0
    // After a failure the timer reloads the text, which is still needed.
    if (this.failure !== null) return
    this.cancelTimer?.()
    this.cancelTimer = null
  }

  private async reload(): Promise<void> {
    if (this.reloading || this.closed) return
    this.reloading = true
    this.cancelTimer?.()
    this.cancelTimer = null
    // Only its answer tells whether the text to come holds the edits in flight.
    await this.answer
    const outcome = await this.ask(() => this.options.reload())
    if (this.closed) return
    this.reloading = false
    if (!outcome.ok) {
      this.fail(outcome.message, () => void this.reload())
      return
    }
    this.rebase(outcome.value)
    if (this.refusals >= maxRefusals) this.takeOut()
    this.succeed()
    const held = this.held.splice(0)
    this.report()
    for (const { version, updates } of held) this.receive(version, updates)
    this.pump()
  }

  /** Moves the editor to a reloaded text and reapplies its unconfirmed edits. */
  private rebase(opened: { version: number; text: string }): void {
    const accepted = this.inFlight?.accepted ? this.inFlight.unconfirmed : 0
    const confirmed = sendableUpdates(this.editor.state).slice(0, accepted)
    const before = confirmed.reduce((text, { changes }) => changes.apply(text), this.base)
    const text = toText(opened.text)
    const step = { clientID: 'peer', changes: difference(before, text) }
    this.editor.dispatch([receiveUpdates(this.editor.state, [...confirmed, step])])
    this.base = text
    this.offset = opened.version - getSyncedVersion(this.editor.state)
    this.ownVersion = opened.version
    this.recent.length = 0
    this.inFlight = null
    // Set when the push was answered while the text was already being loaded.
    this.cancelTimer?.()
    this.cancelTimer = null
  }

  /** Takes edits that the authority will not have out of the text, and hands them to the person. */
  private takeOut(): void {
    const updates = sendableUpdates(this.editor.state)
    this.refusals = 0
    if (updates.length === 0) return
    const { version } = this
    const text = insertedText(updates)
    const changes = compose(updates).invert(this.base)
    const step = { clientID: 'peer', changes }
    this.editor.dispatch([receiveUpdates(this.editor.state, [...updates, step])])
    this.offset = version - getSyncedVersion(this.editor.state)
    this.options.onUnsent(text)
  }

  private succeed(): void {
    this.failure = null
    this.retry = firstRetry
    this.report()
  }

  private fail(message: string, again: () => void): void {
    this.failure = message
    this.report()
    if (this.closed) return
    this.wait(this.retry, again)
    this.retry = Math.min(longestRetry, 2 * this.retry)
  }

  private wait(ms: number, run: () => void): void {
    this.cancelTimer?.()
    this.cancelTimer = this.options.later(ms, () => {
      this.cancelTimer = null
      run()
    })
  }

  private report(): void {
    const pending = sendableUpdates(this.editor.state).length > 0
    this.options.onProgress({ pending, ownVersion: this.ownVersion, failure: this.failure })
  }

  private async ask<T>(request: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    try {
      return await request()
    } catch {
      return {
        ok: false,
        code: 'CLOSED',
        message: 'The part of Swarmpad that keeps your text does not answer.',
      }
    }
  }
}

const moved = (changes: ChangeSet, position: number): number =>
  changes.mapPos(Math.max(0, Math.min(position, changes.length)), -1)

const wire = (updates: readonly Update[]): WireUpdate[] =>
  updates.map(({ clientID, changes }) => ({ clientID, changes: changes.toJSON() }))

function compose(updates: readonly Update[]): ChangeSet {
  const [first, ...rest] = updates.map(({ changes }) => changes)
  if (!first) throw new RangeError('nothing to compose')
  return rest.reduce((total, changes) => total.compose(changes), first)
}

/** As many of the updates as one push should hold; at least one, if there is one. */
function firstOf(updates: readonly Update[]): readonly Update[] {
  let text = 0
  const end = updates.slice(0, pushedUpdates).findIndex(({ changes }) => {
    changes.iterChanges((_from, _to, from, to) => {
      text += to - from
    })
    return text > pushedText
  })
  return updates.slice(0, end < 0 ? pushedUpdates : Math.max(1, end))
}

function hasManyParts(update: Update | undefined): boolean {
  let parts = 0
  update?.changes.iterChangedRanges(() => parts++)
  return parts > manyParts
}

function insertedText(updates: readonly Update[]): string {
  const pieces: string[] = []
  compose(updates).iterChanges((_from, _to, _fromNew, _toNew, inserted) => {
    if (inserted.length > 0) pieces.push(inserted.toString())
  })
  return pieces.join('\n')
}
