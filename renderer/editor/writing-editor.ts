import { collab } from '@codemirror/collab'
import { EditorState, type Extension, type Text, Transaction } from '@codemirror/state'
import { EditorView, placeholder } from '@codemirror/view'
import type { Outcome } from '../../preload/contract/bridge'
import type { Caret, Person } from '../../preload/contract/document'
import type { Role } from '../../preload/contract/ids'
import type { Place } from '../../preload/contract/place'
import type { Update } from '../../preload/contract/updates'
import { Emitter } from '../../preload/emitter'
import '../../preload/text/many-changes'
import { arrival, arriveAt, type TextRange } from './arrival'
import { CollabClient, type Progress } from './collab'
import { Composition } from './composition'
import { copyText } from './copy-text'
import type { EditorEvents, EditorFeature, EditorSession, TextCommand } from './extension'
import { type KeptEditor, keepEditor, startState } from './kept-editor'
import { Stillness } from './stillness'
import { type TextCommands, textCommandsOf, textKeys } from './text-keys'

/** Options and callbacks of the editor. */
export interface WritingEditorOptions {
  readonly parent: HTMLElement
  readonly role: Role
  readonly version: number
  readonly text: string
  /** The remains of an earlier editor, or where the person was; null to begin at the top. */
  readonly start: KeptEditor | Place | null
  /** Placeholder text of an empty document. */
  readonly placeholder: string
  /** The features of the editor; where several handle a key, the first comes first. */
  readonly features: readonly EditorFeature[]
  push(version: number, updates: Update[]): Promise<Outcome<null>>
  reload(): Promise<Outcome<{ version: number; text: string }>>
  onProgress(progress: Progress): void
  onUnsent(text: string): void
}

/**
 * Editor for the text of a document: CodeMirror in step with the main process, and a list of features.
 * Its creator must close it.
 */
export class WritingEditor implements EditorSession {
  readonly role: Role
  private readonly view: EditorView
  private readonly client: CollabClient
  private readonly composition: Composition
  private readonly stillness: Stillness
  private readonly emitter = new Emitter<EditorEvents>()
  private readonly commands: TextCommands
  private readonly ends: (() => void)[]

  constructor(options: WritingEditorOptions) {
    this.role = options.role
    this.commands = textCommandsOf(options.features)
    const clientID = crypto.randomUUID()
    const extensions = [collab({ clientID }), extensionsFor(options), textKeys(this.commands)]
    const { state, scrollTo } = startState(options.text, options.start, extensions)
    this.view = new EditorView({
      parent: options.parent,
      state,
      ...(scrollTo ? { scrollTo } : {}),
      dispatchTransactions: (transactions, view) => this.dispatched(transactions, view),
    })
    this.stillness = new Stillness(this.view)
    this.composition = new Composition(this.view, () => {
      this.client.resume()
      this.emitter.emit('version', this.version)
    })
    this.client = new CollabClient(this.view, options, {
      clientID,
      later: (ms, run) => {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
      push: options.push,
      reload: options.reload,
      mustWait: (transactions) => this.composition.mustWait(transactions),
      onProgress: (progress) => {
        options.onProgress(progress)
        this.emitter.emit('version', this.version)
      },
      onUnsent: options.onUnsent,
    })
    this.ends = options.features.flatMap((feature) => feature.attach?.(this.view, this) ?? [])
    this.client.edited()
  }

  /** The text on screen. */
  get text(): Text {
    return this.view.state.doc
  }

  get version(): number {
    return this.client.version
  }

  on<Name extends keyof EditorEvents>(
    name: Name,
    listener: (detail: EditorEvents[Name]) => void,
  ): () => void {
    return this.emitter.on(name, listener)
  }

  place(offset: number, version: number): number | null {
    return this.client.place(offset, version)
  }

  selection(): { version: number; anchor: number; head: number } {
    return this.client.selection()
  }

  /** Takes an 'updates' event of this document. */
  receive(version: number, updates: readonly Update[]): void {
    this.client.receive(version, updates)
    this.emitter.emit('version', this.version)
  }

  /** Sets the people, whose names and colours are shown at their carets. */
  setPeople(people: readonly Person[]): void {
    this.emitter.emit('people', people)
  }

  /** Takes a 'carets' event of this document. */
  setCarets(version: number, carets: readonly Caret[]): void {
    this.emitter.emit('carets', { version, carets })
  }

  /** Puts the keyboard into the text. */
  focus(): void {
    this.view.focus()
  }

  /**
   * Selects a range, scrolls it into the middle and marks it. Where the text ends before it, takes the range to that end
   * if the text is complete; otherwise does nothing and returns false.
   */
  reveal(range: TextRange, isComplete: boolean): boolean {
    if (!isComplete && range.to > this.view.state.doc.length) return false
    arriveAt(this.view, range)
    return true
  }

  /** Runs a command of the text; false when the keyboard is not in the text, or the command does not apply. */
  run(id: TextCommand): boolean {
    return (this.view.hasFocus || id === 'find') && (this.commands[id]?.(this.view) ?? false)
  }

  /** Copies the whole text to the clipboard, in response to a click; false if that is refused. */
  copyAll(): boolean {
    return copyText(this.view.state.sliceDoc())
  }

  /**
   * Ends the features, which may put in what was still to come, and returns what another editor of this document goes
   * on from. The editor must then be closed.
   */
  keep(): KeptEditor {
    this.end()
    return keepEditor(this.view)
  }

  /** Hands over the last edits and takes the editor off the screen. Resolves when they were taken or failed. */
  async close(): Promise<void> {
    this.end()
    this.composition.close()
    // A destroyed view still holds a state and takes transactions, which is all that the client needs.
    this.view.destroy()
    await this.client.close()
  }

  private end(): void {
    for (const end of this.ends.splice(0)) end()
  }

  private dispatched(transactions: readonly Transaction[], view: EditorView): void {
    if (transactions.some(isRemoteEdit)) this.stillness.update(transactions)
    else view.update(transactions)
    const own = transactions.some(
      (transaction) => transaction.docChanged && !transaction.annotation(Transaction.remote),
    )
    if (own) this.client.edited()
    if (transactions.some(({ docChanged }) => docChanged)) this.emitter.emit('text', { own })
    if (own || transactions.some(({ selection }) => selection)) this.emitter.emit('selection', null)
  }
}

const isRemoteEdit = (transaction: Transaction): boolean =>
  transaction.docChanged && transaction.annotation(Transaction.remote) === true

function extensionsFor(options: WritingEditorOptions): Extension {
  const reads = options.role === 'read'
  return [
    options.features.map(({ extension }) => extension ?? []),
    arrival,
    EditorView.lineWrapping,
    EditorView.perLineTextDirection.of(true),
    placeholder(options.placeholder),
    EditorState.readOnly.of(reads),
    EditorView.editable.of(!reads),
    EditorView.cspNonce.of(cspNonce()),
    EditorView.contentAttributes.of({
      'aria-label': 'Document text',
      autocorrect: 'on',
      autocapitalize: 'on',
      // Text that cannot be edited takes the keyboard too, to be scrolled, selected and searched.
      tabindex: '0',
      ...(reads ? { 'aria-readonly': 'true' } : {}),
    }),
  ]
}

/** Returns the nonce for style sheets in the page's content security policy; '' without one. */
function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
}
