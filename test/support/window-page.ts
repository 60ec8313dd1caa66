import { collab } from '@codemirror/collab'
import { history, undo } from '@codemirror/commands'
import { EditorState, type Transaction, type TransactionSpec } from '@codemirror/state'
import { SwarmpadError } from '../../main/base/errors'
import type { SharedDocument } from '../../main/workspace/shared-document'
import type { Outcome } from '../../preload/contract/bridge'
import { errorWords } from '../../preload/messages/errors'
import { toText } from '../../preload/text'
import { cleanInput } from '../../renderer/editor/clean-input'
import { CollabClient, type Editor } from '../../renderer/editor/collab'

/** A window's editor on a document that is open in a workspace: all of it but its view, with calls and events at once. */
export class WindowPage implements Editor {
  state: EditorState
  /** Events do not come through: the next one that does makes the window load the text again. */
  deaf = false
  private readonly client: CollabClient
  private readonly stop: () => void

  constructor(document: SharedDocument) {
    const opened = document.opened()
    const clientID = 'page'
    this.state = EditorState.create({
      doc: toText(opened.text),
      extensions: [cleanInput, collab({ clientID }), history()],
    })
    this.client = new CollabClient(this, opened, {
      clientID,
      push: async (version, updates) =>
        outcomeOf(() => {
          document.pushEdits(version, updates)
          return null
        }),
      reload: async () => outcomeOf(() => document.opened()),
      later: () => () => undefined,
      onProgress: () => undefined,
      onUnsent: (text) => {
        throw new Error(`${text.length} code units could not be merged`)
      },
    })
    this.stop = document.on('updates', ({ version, updates }) => {
      if (!this.deaf) this.client.receive(version, updates)
    })
  }

  /** The text on screen. */
  get text(): string {
    return this.state.doc.toString()
  }

  dispatch(transactions: readonly Transaction[]): void {
    this.state = transactions.at(-1)?.state ?? this.state
  }

  /** Edits as a person does. */
  edit(spec: TransactionSpec): void {
    this.dispatch([this.state.update(spec)])
    this.client.edited()
  }

  /** Takes back what was written last here. */
  undo(): void {
    undo({ state: this.state, dispatch: (transaction) => this.dispatch([transaction]) })
    this.client.edited()
  }

  /** Hears nothing any more. */
  close(): void {
    this.stop()
  }
}

function outcomeOf<T>(run: () => T): Outcome<T> {
  try {
    return { ok: true, value: run() }
  } catch (error) {
    if (!(error instanceof SwarmpadError)) throw error
    return { ok: false, code: error.code, message: errorWords(error) }
  }
}
