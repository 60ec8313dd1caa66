import type { EditorView } from '@codemirror/view'
import type { Page } from 'playwright-core'

/** The element of a text, in which CodeMirror keeps its editor. */
type Content = HTMLElement & { cmTile?: { view: EditorView } }

/** Finds the text on screen; of two beside each other, the one whose pane has the keyboard. */
const selector = '[data-active="true"] .cm-content'

/** The lines on screen as they are written, or the words in an empty text. Of a long text these are only some. */
export const linesOnScreen = (page: Page): Promise<string> =>
  page.evaluate((selector) => {
    const content = document.querySelector<Content>(selector)
    const view = content?.cmTile?.view
    if (!view) return ''
    const { from, to } = view.viewport
    return view.state.sliceDoc(from, to) || content.innerText.replace(/\n$/, '')
  }, selector)

/** The whole text in the window's editor, which may be behind what the main process holds; '' without an editor. */
export const textInEditor = (page: Page): Promise<string> =>
  page.evaluate(
    (selector) => document.querySelector<Content>(selector)?.cmTile?.view.state.sliceDoc() ?? '',
    selector,
  )

/** The line of text that the caret stands in, as it is written; null while the keyboard is elsewhere. */
export const lineAtCaret = (page: Page): Promise<string | null> =>
  page.evaluate((selector) => {
    const content = document.querySelector<Content>(selector)
    const state = content === document.activeElement ? content?.cmTile?.view.state : undefined
    return state?.doc.lineAt(state.selection.main.head).text ?? null
  }, selector)

/** Waits for the frame after the next one: what was done before is on screen, scrolled to where it should be. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  )
