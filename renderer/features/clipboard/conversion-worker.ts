import type { Answer, Request } from './conversion'
import { htmlToMarkdown } from './html/html-to-markdown'
import { markdownToHtml } from './html/markdown-to-html'

/** The thread that converts what is pasted and copied: whatever is on the clipboard, it stops nobody from typing. */
addEventListener('message', ({ data }: MessageEvent<Request>) => {
  postMessage(answer(data))
})

function answer({ id, to, text }: Request): Answer {
  try {
    return { id, value: to === 'markdown' ? htmlToMarkdown(text) : markdownToHtml(text) }
  } catch {
    // Nested too deep.
    return { id, value: null }
  }
}
