import { syntaxTree } from '@codemirror/language'
import { type EditorState, Transaction } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { type EditorFeature, leavingPage } from '../../editor/extension'
import { Conversion } from './conversion'
import type { PastedMarkdown } from './html/html-to-markdown'
import { pasteStep } from './insert-markdown'
import { ownMark } from './own-mark'
import { PendingPastes } from './pending-pastes'

/** The window, as the clipboard of the editor needs it. */
export interface ClipboardHost {
  /** Opens files, or says what cannot be done with them. */
  openFiles(files: readonly File[]): void
  /** Returns the texts of files, and says which have none. */
  readFiles(files: readonly File[]): Promise<readonly string[]>
  /** Says something in plain words. */
  tell(message: string): void
}

/**
 * Pasting and copying with format, and files that are pasted or dropped on the text. HTML becomes Markdown in a thread;
 * code, and what a code editor copied, is pasted as it is.
 */
export function clipboard(host: ClipboardHost): EditorFeature {
  const conversion = new Conversion()
  const pending = new PendingPastes()
  /** Counts what may have put something else on the clipboard since. */
  let acts = 0

  const pasteHtml = async (view: EditorView, html: string, plain: string) => {
    const paste = pending.begin(view, plain)
    const pasted = await conversion.toMarkdown(html)
    if (!pending.has(paste)) return
    pending.put(view, paste, pasted?.markdown ? pasted : asIs(plain))
    if (pasted?.markdown) return
    if (plain === '') host.tell('There is nothing in this that a document can hold.')
    else if (!pasted) host.tell('This was too much to keep its format, so it was pasted as plain text.')
  }

  const dropTexts = async (view: EditorView, at: number, files: readonly File[]) => {
    const paste = pending.beginAt(at)
    const texts = await host.readFiles(files)
    const markdown = texts.map((text) => text.trimEnd()).join('\n\n')
    pending.put(view, paste, { markdown, startsInline: false, endsInline: false })
  }

  const leave = (view: EditorView) => {
    if (pending.leave(view).length > 0)
      host.tell(
        'What you pasted or dropped last was not put in: the document was left before it was read. Please try again.',
      )
  }

  const pasted = (event: ClipboardEvent, view: EditorView): boolean => {
    const data = event.clipboardData
    if (!data || view.state.readOnly) return false
    const html = data.getData('text/html')
    const plain = data.getData('text/plain')
    // Spreadsheets add a picture of what they copied.
    if (data.files.length > 0 && (html === '' || plain.trim() === '')) {
      host.openFiles(Array.from(data.files))
      return true
    }
    if (html === '' && plain === '' && data.getData('text/uri-list') === '') {
      host.tell('There is no text on the clipboard to paste.')
      return true
    }
    const address = linkEdits(view.state, plain.trim())
    if (address) {
      view.dispatch(pasteStep(view.state, address, view.state.selection.ranges))
      return true
    }
    const isCode = plain !== '' && (isFromCodeEditor(html, data.types) || isInCode(view.state))
    if (html === '' || html.includes(ownMark) || isCode) return false
    void pasteHtml(view, html, plain)
    return true
  }

  const copied = (_event: ClipboardEvent, { state }: EditorView): void => {
    const ranges = state.selection.ranges.filter(({ empty }) => !empty)
    const text = ranges.map(({ from, to }) => state.sliceDoc(from, to)).join('\n')
    if (text === '' || isInCode(state)) return
    const act = ++acts
    void conversion.toHtml(text).then((html) => {
      if (html !== null && act === acts) copyWithFormat(text, html)
    })
  }

  return {
    extension: [
      EditorView.domEventHandlers({
        paste: pasted,
        drop: (event, view) => {
          const files = Array.from(event.dataTransfer?.files ?? [])
          if (files.length === 0) return false
          const at = view.posAtCoords({ x: event.clientX, y: event.clientY }, false)
          if (event.altKey && !view.state.readOnly) {
            // The window opens what it hears of.
            event.stopPropagation()
            void dropTexts(view, at, files)
          }
          return true
        },
      }),
      EditorView.domEventObservers({ copy: copied, cut: copied }),
      EditorView.updateListener.of(({ docChanged, changes, transactions }) => {
        if (docChanged) pending.follow(changes, transactions.some(isOwnEdit))
      }),
    ],
    attach: (view) => {
      const acted = (event: Event) => {
        if (!(event instanceof KeyboardEvent && modifiers.has(event.key))) acts++
      }
      for (const name of acting) window.addEventListener(name, acted, { capture: true })
      const leaves = () => leave(view)
      window.addEventListener(leavingPage, leaves)
      return () => {
        for (const name of acting) window.removeEventListener(name, acted, { capture: true })
        window.removeEventListener(leavingPage, leaves)
        leave(view)
        conversion.close()
      }
    },
  }
}

/** Events after which the clipboard may hold something else; a key that is held for others changes nothing. */
const acting = ['copy', 'cut', 'keydown', 'pointerdown'] as const
const modifiers: ReadonlySet<string> = new Set(['Alt', 'Control', 'Meta', 'Shift'])

/** Puts text with the same as HTML on the clipboard, in place of the text that was just copied. */
function copyWithFormat(text: string, html: string): void {
  // In another program, something else may have been copied meanwhile.
  if (!document.hasFocus()) return
  const fill = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text)
    event.clipboardData?.setData('text/html', html)
    event.preventDefault()
    event.stopPropagation()
  }
  document.addEventListener('copy', fill, { capture: true, once: true })
  document.execCommand('copy')
  document.removeEventListener('copy', fill, { capture: true })
}

const asIs = (plain: string): PastedMarkdown => ({ markdown: plain, startsInline: true, endsInline: true })

const isOwnEdit = (transaction: Transaction): boolean =>
  transaction.docChanged && !transaction.annotation(Transaction.remote)

/** Nodes of Markdown whose text is taken as it stands. */
const verbatim: ReadonlySet<string> = new Set([
  'FencedCode',
  'CodeBlock',
  'InlineCode',
  'BlockMath',
  'InlineMath',
  'FrontMatter',
])

/** True if the main selection lies within code, maths or front matter. */
export function isInCode(state: EditorState): boolean {
  const { from, to } = state.selection.main
  for (let node = syntaxTree(state).resolveInner(from, -1); ; ) {
    const isOpen = node.name === 'FencedCode' && node.getChildren('CodeMark').length < 2
    if (verbatim.has(node.name) && node.from < from && (to < node.to || (isOpen && to === node.to)))
      return true
    if (!node.parent) return false
    node = node.parent
  }
}

/** Code editors mark their text, or put it into one element that keeps blanks in a font of theirs. */
export const isFromCodeEditor = (html: string, types: readonly string[]): boolean =>
  types.includes('vscode-editor-data') ||
  /^(?:\s|<(?:meta|html|head|body|!--)[^<>]*>|<\/head>)*<(?:div style="[^"<>]*font-family:[^"<>]*white-space:\s*pre|pre style="[^"<>]*font-family:)/i.test(
    html.slice(0, 4_000),
  )

/**
 * Returns the edits that make links of all selections with the address that is pasted; null for any other text, and
 * if a selection cannot be the text of a link.
 */
export function linkEdits(
  state: EditorState,
  address: string,
): { from: number; to: number; insert: string }[] | null {
  const { ranges } = state.selection
  if (!/^(?:https?:\/\/|mailto:)[^\s<>]+$/i.test(address) || isInCode(state)) return null
  const texts = ranges.map(({ from, to }) => state.sliceDoc(from, to))
  if (!texts.every(isLinkText) || ranges.some(({ from, to }) => touchesLink(state, from, to))) return null
  const target = /[()\\]/.test(address) ? `<${address}>` : address
  return ranges.flatMap(({ from, to }) => [
    { from, to: from, insert: '[' },
    { from: to, to, insert: `](${target})` },
  ])
}

/** Words in one line; an address that is selected is replaced. */
const isLinkText = (text: string): boolean =>
  /\S/.test(text) && !/[\n[\]]/.test(text) && !/^(?:https?:\/\/|www\.|mailto:)\S+$/i.test(text.trim())

function touchesLink(state: EditorState, from: number, to: number): boolean {
  let touches = false
  syntaxTree(state).iterate({
    from,
    to,
    enter: (node) => {
      if (
        ['Link', 'Image', 'Autolink', 'URL', 'LinkReference'].includes(node.name) &&
        node.from < to &&
        node.to > from
      )
        touches = true
    },
  })
  return touches
}
