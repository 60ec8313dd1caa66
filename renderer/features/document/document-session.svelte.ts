import type { Text } from '@codemirror/state'
import type { CommandOf } from '../../../preload/commands'
import type { Outcome } from '../../../preload/contract/bridge'
import type { Caret, DocumentStatus, OpenedDocument, Person } from '../../../preload/contract/document'
import type { DocumentId } from '../../../preload/contract/ids'
import type { Place } from '../../../preload/contract/place'
import type { LeftOut } from '../../../preload/contract/quarantine'
import type { Successor } from '../../../preload/contract/sharing'
import type { Update } from '../../../preload/contract/updates'
import { Emitter } from '../../../preload/emitter'
import type { Api } from '../../api'
import type { TextRange } from '../../editor/arrival'
import type { KeptEditor } from '../../editor/kept-editor'
import type { FindEvents } from '../find/find-panel'
import { placeOfHeading } from '../outline/headings'
import { Outline } from '../outline/outline.svelte'
import { Following } from '../people/following.svelte'
import { DocumentLinks } from '../wiki-links/document-links.svelte'
import type { Counts } from '../word-count/word-count'
import {
  type ConnectionFacts,
  type ConnectionWords,
  connectionWords,
  isSaved,
  unsavedReason,
  untoldWords,
} from './connection'
import type { KeptEditors } from './kept-editors'
import { SavingClock } from './saving-clock'

/** The id of a command that works in the text. */
type TextCommand = CommandOf<'text' | 'find'>

/** The editor as a session sees it. */
export interface SessionEditor {
  receive(version: number, updates: readonly Update[]): void
  setPeople(people: readonly Person[]): void
  setCarets(version: number, carets: readonly Caret[]): void
  focus(): void
  readonly text: Text
  /**
   * Selects a range, scrolls it into the middle and marks it. Where the text ends before it, takes the range to that end
   * if the text is complete; otherwise does nothing and returns false.
   */
  reveal(range: TextRange, isComplete: boolean): boolean
  /** Copies the whole text to the clipboard, in response to a click; false if that is refused. */
  copyAll(): boolean
  /** Runs a command of the text; false when the keyboard is not in it, or the command does not apply. */
  run(command: TextCommand): boolean
  /** Ends the features of the editor, and returns what another editor of this document goes on from. */
  keep(): KeptEditor
  close(): Promise<void>
}

/** How far the editor's own edits have come. */
export interface SessionProgress {
  readonly pending: boolean
  readonly ownVersion: number
  readonly failure: string | null
}

/** 'Saved' is said only after it held for this long, in ms, so that the line is still while someone types. */
const savedDelay = 400
/** 'Saving' and 'reading' are said after so many ms: usually nobody needs to know. */
const slowAfter = 2_000

/** How long 'Saved' shows after someone pressed the key that saves, in ms. */
const flashTime = 1_500

/** A document on screen: its state from the main process and the progress of its editor. */
export class DocumentSession {
  readonly id: DocumentId
  /** It came on screen because another document left: its text takes the keyboard from nothing. */
  readonly yields: boolean
  readonly outline = new Outline()
  readonly following = new Following()
  readonly links = new DocumentLinks()
  /** Requests of other parts of the window to the editor. */
  readonly asks = new Emitter<FindEvents>()
  phase = $state<'opening' | 'open' | 'failed'>('opening')
  /** Reason it could not be opened, in plain words. */
  error = $state('')
  /** The text to start an editor from. */
  opened = $state.raw<OpenedDocument | null>(null)
  /** The remains of an earlier editor, or where the person was; null to begin at the top. */
  start: KeptEditor | Place | null = null
  private here = $state.raw<readonly Person[]>([])
  /** Documents that took this one's place. */
  successors = $state.raw<readonly Successor[]>([])
  /** The person has hidden the successors for now. */
  successorsHidden = $state(false)
  /** Numbers about the text; null until it is on screen. */
  counts = $state.raw<Counts | null>(null)
  /** Text that was typed here and could not be merged. */
  unsent = $state.raw<readonly string[]>([])
  private status = $state.raw<DocumentStatus | null>(null)
  /** Changes of the status since the document was last asked for. */
  private changesMeanwhile: Partial<DocumentStatus> = {}
  private progress = $state.raw<SessionProgress>({ pending: false, ownVersion: 0, failure: null })
  private settling = $state(false)
  private slowToSave = $state(false)
  private slowToRead = $state(false)
  private readonly facts: ConnectionFacts | null = $derived.by(() => {
    if (!this.status) return null
    const { ownVersion, failure } = this.progress
    const pending = this.progress.pending || this.settling
    const own = this.here.filter((person) => person.own).length
    const { status, slowToSave, slowToRead } = this
    return { status, pending, ownVersion, failure, slowToSave, slowToRead, people: this.here.length, own }
  })
  private readonly saved: boolean = $derived(this.facts !== null && isSaved(this.facts))
  private isAsked = $state(false)
  private askTimer: ReturnType<typeof setTimeout> | undefined
  /** Someone has just asked for everything to be saved, and it is. */
  readonly flashesSaved: boolean = $derived(this.isAsked && this.saved)
  /** The status line; null while the document is being opened. */
  readonly connection: ConnectionWords | null = $derived(this.facts && connectionWords(this.facts))
  /** Why the last words are not saved, in plain words; null when they are, or soon will be. */
  readonly unsaved: string | null = $derived(this.facts && unsavedReason(this.facts))
  /** True while the main process lacks the latest edits: a file it writes would be incomplete. */
  readonly isCutOff: boolean = $derived(this.progress.failure !== null)
  /** People who are here. Nobody else can have edits that are not saved. */
  readonly people: readonly Person[] = $derived(
    this.saved ? this.here : this.here.map((person) => ({ ...person, hasMine: false })),
  )

  /** Edits that are not in the text. */
  readonly leftOut: readonly LeftOut[] = $derived(this.status?.leftOut ?? [])
  /** Descriptions of the left-out edits that are not dismissed, in plain words. */
  readonly leftOutWords: readonly string[] = $derived(untoldWords(this.leftOut))

  /** Holders of the edits made here. Nobody else can have edits that are not saved. */
  readonly holders: OpenedDocument['status']['holders'] = $derived.by(() => {
    const holders = this.status?.holders ?? []
    return this.saved ? holders : holders.map((holder) => ({ ...holder, hasMine: false }))
  })

  /** A part of it is damaged on the disk: the text is as it was last seen. */
  readonly damaged: boolean = $derived(this.status?.damaged ?? false)

  /** Why nothing new is taken in from others; null while it is. */
  readonly shortage: OpenedDocument['status']['shortage'] = $derived(this.status?.shortage ?? null)

  /** Edits made here that the main process has not taken yet. */
  get pending(): boolean {
    return this.progress.pending
  }

  private readonly api: Api
  private readonly kept: KeptEditors
  private editor: SessionEditor | null = null
  private carets: { version: number; carets: readonly Caret[] } | null = null
  /** The range to show once the text reaches it; null for none. */
  private wanted: TextRange | null = null
  /** The words of a heading to show once it is there; null for none. */
  private wantedHeading: string | null = null
  private early: { version: number; updates: readonly Update[] }[] = []
  private readonly stops: (() => void)[] = []
  private settleTimer: ReturnType<typeof setTimeout> | undefined
  private slowTimer: ReturnType<typeof setTimeout> | undefined
  private readonly savingClock = new SavingClock()
  private readingSince: number | null = null
  private closing: Promise<void> | null = null

  /** `kept` belongs to all documents of the window. */
  constructor(api: Api, id: DocumentId, kept: KeptEditors, yields = false) {
    this.api = api
    this.id = id
    this.kept = kept
    this.yields = yields
  }

  /** Asks for the text, after `before` is done. Events that arrive meanwhile are kept for the editor. */
  async open(before: Promise<void>): Promise<void> {
    await before
    if (this.closing) return
    if (this.stops.length === 0) this.listen()
    const [outcome, start] = await Promise.all([this.load(), this.findStart()])
    if (this.closing) return
    this.start = start
    this.error = outcome.ok ? '' : outcome.message
    this.phase = outcome.ok ? 'open' : 'failed'
    if (outcome.ok) this.opened = outcome.value
  }

  /** Asks for the newest text; people and status come with it. */
  async load(): Promise<Outcome<OpenedDocument>> {
    this.changesMeanwhile = {}
    const outcome = await this.api.call('openDocument', this.id)
    if (!outcome.ok) return outcome
    // The answer may be older than changes that came before it; those it has already do no harm.
    this.status = { ...outcome.value.status, ...this.changesMeanwhile }
    this.here = outcome.value.people
    this.successors = outcome.value.successors
    this.carets = { version: outcome.value.version, carets: outcome.value.carets }
    if (!this.editor) this.progress = { ...this.progress, ownVersion: outcome.value.version }
    this.timeSlowness()
    return outcome
  }

  /** Hands edits made at `version` to the main process. */
  push(version: number, updates: Update[]): Promise<Outcome<null>> {
    return this.api.call('pushEdits', this.id, version, updates)
  }

  /** Tells where this person's selection is. One that is lost on the way is replaced by the next. */
  select(selection: { version: number; anchor: number; head: number } | null): void {
    void this.api.call('setSelection', this.id, selection)
  }

  /** Notes where this person is in the text. */
  note(place: Place): void {
    void this.api.call('setPlace', this.id, place)
  }

  /** Connects the editor that was made from `opened` and `start`. */
  attach(editor: SessionEditor): void {
    this.editor = editor
    editor.setPeople(this.here)
    for (const { version, updates } of this.early.splice(0)) editor.receive(version, updates)
    if (this.carets) editor.setCarets(this.carets.version, this.carets.carets)
    this.revealWanted()
  }

  /** Selects a range, scrolls it into the middle and marks it for a moment, once the text reaches it or is complete. */
  reveal(range: TextRange): void {
    this.wanted = range
    this.revealWanted()
  }

  /** Puts the caret at the end of a heading, as `reveal` does; stays where it is if the text has none with these words. */
  revealHeading(words: string): void {
    this.wantedHeading = words
    this.revealWanted()
  }

  /** Puts the keyboard into the text. */
  focus(): void {
    this.editor?.focus()
  }

  /** Puts all of the text on screen on the clipboard; false when that is refused. */
  copyAll(): boolean {
    return this.editor?.copyAll() ?? false
  }

  /** Runs a command of the text; false when the keyboard is not in it, or the command does not apply. */
  run(command: TextCommand): boolean {
    return this.editor?.run(command) ?? false
  }

  /** Answers the key that saves: everything is saved by itself, which the status line says for a moment. */
  askSaved(): void {
    clearTimeout(this.askTimer)
    this.isAsked = true
    this.askTimer = setTimeout(() => {
      this.isAsked = false
    }, flashTime)
  }

  /** The editor's own edits came further. */
  progressed(progress: SessionProgress): void {
    this.progress = progress
    this.settle()
  }

  /** The text was counted, or the caret came to another line. */
  counted(counts: Counts): void {
    this.counts = counts
  }

  /** Keeps text that could not be merged, until the person put it away. */
  keepUnsent(text: string): void {
    if (text) this.unsent = [...this.unsent, text]
  }

  /** The person has taken care of the text that could not be merged. */
  dismissUnsent(): void {
    this.unsent = []
  }

  /** Hands over the last edits and lets the document go. */
  close(): Promise<void> {
    this.closing ??= this.finish()
    return this.closing
  }

  private async finish(): Promise<void> {
    clearTimeout(this.settleTimer)
    if (this.editor) this.kept.keep(this.id, this.editor.keep())
    clearTimeout(this.slowTimer)
    clearTimeout(this.askTimer)
    await this.editor?.close()
    for (const stop of this.stops) stop()
    await this.api.call('closeDocument', this.id)
  }

  private async findStart(): Promise<KeptEditor | Place | null> {
    const kept = this.kept.of(this.id)
    if (kept) return kept
    const place = await this.api.call('place', this.id)
    return place.ok ? place.value : null
  }

  private revealWanted(): void {
    const isComplete = this.status?.loading === false
    if (this.wanted && this.editor?.reveal(this.wanted, isComplete)) this.wanted = null
    if (this.wantedHeading === null || !this.editor) return
    const place = placeOfHeading(this.editor.text, this.wantedHeading)
    if (place) this.editor.reveal(place, true)
    if (place || isComplete) this.wantedHeading = null
  }

  private listen(): void {
    const { api, id } = this
    this.stops.push(
      api.on('updates', (event) => {
        if (event.id !== id) return
        if (!this.editor) this.early.push(event)
        else {
          this.editor.receive(event.version, event.updates)
          this.revealWanted()
        }
      }),
      api.on('status', (event) => {
        if (event.id !== id) return
        this.changesMeanwhile = { ...this.changesMeanwhile, ...event.status }
        if (this.status) this.status = { ...this.status, ...event.status }
        this.settle()
        this.revealWanted()
      }),
      api.on('people', (event) => {
        if (event.id !== id) return
        this.here = event.people
        this.editor?.setPeople(event.people)
      }),
      api.on('successors', (event) => {
        if (event.id === id) this.successors = event.successors
      }),
      api.on('carets', (event) => {
        if (event.id !== id) return
        this.carets = event
        this.editor?.setCarets(event.version, event.carets)
      }),
    )
  }

  /** 'Saved' goes at once, and comes when it has held for a moment. */
  private settle(): void {
    if (!this.status) return
    this.timeSlowness()
    if (!isSaved({ ...this.progress, status: this.status })) {
      clearTimeout(this.settleTimer)
      this.settleTimer = undefined
      this.settling = true
    } else if (this.settling && this.settleTimer === undefined) {
      this.settleTimer = setTimeout(() => {
        this.settleTimer = undefined
        this.settling = false
      }, savedDelay)
    }
  }

  /** Notes whether saving or reading takes longer than usual, now and when that time has come. */
  private timeSlowness(): void {
    clearTimeout(this.slowTimer)
    if (!this.status || this.closing) return
    const now = Date.now()
    const unsaved = this.savingClock.oldest(this.progress, this.status.savedVersion, now)
    this.readingSince = this.status.loading ? (this.readingSince ?? now) : null
    const isSlow = (since: number | null): boolean => since !== null && now - since >= slowAfter
    this.slowToSave = isSlow(unsaved)
    this.slowToRead = isSlow(this.readingSince)
    const next = [unsaved, this.readingSince].filter((since) => since !== null && !isSlow(since))
    if (next.length > 0)
      this.slowTimer = setTimeout(() => this.timeSlowness(), Math.min(...next.map(Number)) + slowAfter - now)
  }
}
