import { collab } from '@codemirror/collab'
import { defaultKeymap, history, historyKeymap, redo, undo } from '@codemirror/commands'
import { openSearchPanel, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension, type Text, Transaction } from '@codemirror/state'
import { EditorView, keymap, placeholder } from '@codemirror/view'
import type { Caret, Outcome, Person, Role, Update } from '../../preload/contract'
import { toText } from '../../preload/text'
import { nameNote, personWords, sharedNames } from '../features/people/people'
import { caretLayers } from './caret-layers'
import { setCarets } from './carets'
import { cleanInput } from './clean-input'
import { CollabClient, type Progress } from './collab'
import { links } from './links'
import { markdownWriting } from './markdown'
import { findInDocument } from './search-panel'
import { Throttle } from './throttle'

/** A selection to tell others, in the text of `version`; null when the editor has no focus. */
export type OwnSelection = { version: number; anchor: number; head: number } | null

/** Options and callbacks of the editor. */
export interface WritingEditorOptions {
  readonly parent: HTMLElement
  readonly role: Role
  readonly version: number
  readonly text: string
  /** Placeholder text of an empty document. */
  readonly placeholder: string
  push(version: number, updates: Update[]): Promise<Outcome<null>>
  reload(): Promise<Outcome<{ version: number; text: string }>>
  select(selection: OwnSelection): void
  openLink(url: string): void
  onProgress(progress: Progress): void
  onUnsent(text: string): void
  /** The text changed; `count` counts its words when called. */
  onText(countWords: () => number): void
}

/** Interval at which a moving caret is sent to others, in ms. */
const selectionInterval = 80

/** Editor for the text of a document. Its creator must close it. */
export class WritingEditor {
  private readonly view: EditorView
  private readonly client: CollabClient
  private readonly options: WritingEditorOptions
  private readonly told: Throttle
  private people: readonly Person[] = []
  private carets: { version: number; carets: readonly Caret[] } = { version: 0, carets: [] }
  /** The carets stand in a version that is still to come. */
  private caretsWait = false
  private lastTold = ''

  constructor(options: WritingEditorOptions) {
    this.options = options
    this.told = new Throttle(selectionInterval, later, () => this.tellSelection())
    const clientID = crypto.randomUUID()
    this.view = new EditorView({
      parent: options.parent,
      state: EditorState.create({ doc: toText(options.text), extensions: this.extensions(clientID) }),
      dispatchTransactions: (transactions, view) => this.dispatched(transactions, view),
    })
    this.client = new CollabClient(this.view, options, {
      clientID,
      later,
      push: options.push,
      reload: options.reload,
      onProgress: (progress) => {
        options.onProgress(progress)
        if (this.caretsWait) this.drawCarets()
      },
      onUnsent: options.onUnsent,
    })
    this.client.edited()
    this.tellText()
  }

  /** Takes an 'updates' event of this document. */
  receive(version: number, updates: readonly Update[]): void {
    this.client.receive(version, updates)
    if (this.caretsWait) this.drawCarets()
  }

  /** Sets the people, whose names and colours are shown at their carets. */
  setPeople(people: readonly Person[]): void {
    this.people = people
    this.drawCarets()
  }

  /** Takes a 'carets' event of this document. */
  setCarets(version: number, carets: readonly Caret[]): void {
    this.carets = { version, carets }
    this.drawCarets()
  }

  /** Puts the keyboard into the text. */
  focus(): void {
    this.view.focus()
  }

  /** Opens find and replace. */
  find(): void {
    openSearchPanel(this.view)
  }

  /** Copies the whole text to the clipboard, in response to a click; false if that is refused. */
  copyAll(): boolean {
    const text = this.view.state.sliceDoc()
    const fill = (event: ClipboardEvent): void => {
      event.clipboardData?.setData('text/plain', text)
      event.preventDefault()
      event.stopPropagation()
    }
    // Needs no permission to write to the clipboard, and leaves the selection as it is.
    document.addEventListener('copy', fill, { capture: true, once: true })
    const done = document.execCommand('copy')
    document.removeEventListener('copy', fill, { capture: true })
    return done
  }

  /** Takes back what was written last here; false when the keyboard is not in the text. */
  undo(): boolean {
    return this.runInText(undo)
  }

  /** Does again what was taken back; false when the keyboard is not in the text. */
  redo(): boolean {
    return this.runInText(redo)
  }

  /** Hands over the last edits and takes the editor off the screen. Resolves when they were taken or failed. */
  async close(): Promise<void> {
    this.told.stop()
    // A destroyed view still holds a state and takes transactions, which is all that the client needs.
    this.view.destroy()
    await this.client.close()
  }

  private extensions(clientID: string): Extension {
    const { options } = this
    const reads = options.role === 'read'
    return [
      cleanInput,
      collab({ clientID }),
      history(),
      markdownWriting,
      findInDocument,
      caretLayers,
      links(options.openLink),
      keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.lineWrapping,
      EditorView.perLineTextDirection.of(true),
      placeholder(options.placeholder),
      EditorState.readOnly.of(reads),
      EditorView.editable.of(!reads),
      EditorView.cspNonce.of(cspNonce()),
      EditorView.contentAttributes.of({
        'aria-label': 'Document text',
        spellcheck: 'true',
        autocorrect: 'on',
        autocapitalize: 'on',
        // Text that cannot be edited still takes the keyboard, to be scrolled, selected and searched.
        ...(reads ? { tabindex: '0', 'aria-readonly': 'true' } : {}),
      }),
      EditorView.domEventHandlers({
        focus: () => this.told.request(),
        blur: () => this.told.request(),
      }),
    ]
  }

  private dispatched(transactions: readonly Transaction[], view: EditorView): void {
    view.update(transactions)
    const changed = transactions.some((transaction) => transaction.docChanged)
    const own = transactions.some(
      (transaction) => transaction.docChanged && !transaction.annotation(Transaction.remote),
    )
    if (own) this.client.edited()
    if (own || transactions.some((transaction) => transaction.selection)) this.told.request()
    if (changed) this.tellText()
  }

  private runInText(command: (view: EditorView) => boolean): boolean {
    if (!this.view.hasFocus) return false
    command(this.view)
    return true
  }

  private tellSelection(): void {
    const selection = this.view.hasFocus ? this.client.selection() : null
    const json = JSON.stringify(selection)
    if (json === this.lastTold) return
    this.lastTold = json
    this.options.select(selection)
  }

  private tellText(): void {
    this.options.onText(() => countWords(this.view.state.doc))
  }

  private drawCarets(): void {
    // Until then those on screen move along with the text.
    this.caretsWait = this.carets.version > this.client.version
    if (this.caretsWait) return
    const people = new Map(this.people.map((person) => [person.key, person]))
    const shared = sharedNames(this.people)
    const placed = this.carets.carets.flatMap(({ key, anchor, head }) => {
      const person = people.get(key)
      const anchorHere = this.client.place(anchor, this.carets.version)
      const headHere = this.client.place(head, this.carets.version)
      if (!person || anchorHere === null || headHere === null) return []
      const words = personWords(person)
      const label = nameNote(person, shared) ? `${words} · ${person.fingerprint}` : words
      return [{ key, label, color: person.color, anchor: anchorHere, head: headHere }]
    })
    this.view.dispatch({ effects: setCarets.of(placed) })
  }
}

/** Returns the nonce for style sheets in the page's content security policy; '' without one. */
function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

function countWords(doc: Text): number {
  let words = 0
  for (const line of doc.iterLines()) words += line.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu)?.length ?? 0
  return words
}
