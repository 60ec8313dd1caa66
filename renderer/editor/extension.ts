import type { Extension } from '@codemirror/state'
import type { Command, EditorView } from '@codemirror/view'
import type { CommandOf } from '../../preload/commands'
import type { Caret, Person } from '../../preload/contract/document'
import type { Role } from '../../preload/contract/ids'

/** A selection in the text of `version`, offsets in UTF-16 code units; null when the editor has no focus. */
export type OwnSelection = { version: number; anchor: number; head: number } | null

/** Events that reach the features of an editor. */
export interface EditorEvents {
  /** People who are here, with the names and colours of their carets. */
  people: readonly Person[]
  /** Everyone else's carets, in the text of `version`. */
  carets: { readonly version: number; readonly carets: readonly Caret[] }
  /** The confirmed part of the text reached another version. */
  version: number
  /** The text changed, by its writer here (`own`) or by others. */
  text: { readonly own: boolean }
  /** The selection or the focus changed. */
  selection: null
}

/**
 * Event on the page's window before it asks if edits are left to hand over. Listeners of 'beforeunload' run in the order
 * in which they were added, so those of features would run after that question.
 */
export const leavingPage = 'swarmpad-leaving'

/** The document in the editor, as a feature sees it. */
export interface EditorSession {
  readonly role: Role
  /** Version of the confirmed part of the text. */
  readonly version: number
  /** Maps an offset in the text of `version` to the text on screen; null until that version has arrived. */
  place(offset: number, version: number): number | null
  /** Returns the main selection in the text of `version`. */
  selection(): Exclude<OwnSelection, null>
  /** Adds a listener; returns its remover. */
  on<Name extends keyof EditorEvents>(name: Name, listener: (detail: EditorEvents[Name]) => void): () => void
}

/** The id of a command that works in the text. */
export type TextCommand = CommandOf<'text' | 'find'>

/**
 * A feature of the editor: extensions of its state, commands of the table that it carries out, and code that
 * runs while the editor is on screen.
 */
export interface EditorFeature {
  readonly extension?: Extension
  readonly commands?: { readonly [Id in TextCommand]?: Command }
  /** Starts the feature in an editor; the result ends it, before the view is destroyed. */
  attach?(view: EditorView, session: EditorSession): () => void
}
