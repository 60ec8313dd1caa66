import { errorWords } from '../../preload/messages/errors'
import { SwarmpadError } from '../base/errors'
import { hideLinks } from '../keys/link-text'
import { terminalText } from '../keys/terminal-text'

/** Reason why the program cannot start, with a remedy, in plain words. */
export interface Failure {
  readonly title: string
  readonly message: string
  /** The profile's folder. */
  readonly directory: string
}

/** Describes an error that prevented a profile from opening, with links redacted. */
export function failureOf(error: unknown, directory: string): Failure {
  return { title: titleOf(error), message: hideLinks(messageOf(error)), directory: hideLinks(directory) }
}

/** Returns the failure as lines for a terminal. */
export const failureText = ({ title, message, directory }: Failure): string =>
  [`swarmpad: ${title}. ${message}`, `swarmpad: profile: ${directory}`].map(terminalText).join('\n')

/** Returns a page without scripts that shows the failure; its style sheet carries `nonce`. */
export const failurePage = ({ title, message, directory }: Failure, nonce: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Swarmpad</title>
    <style nonce="${nonce}">
      :root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif }
      body { margin: 0; min-height: 100vh; display: grid; place-items: center }
      main { max-width: 34rem; padding: 2rem }
      h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 0.75rem }
      p { margin: 0 0 0.75rem }
      code { font-size: 0.9rem; overflow-wrap: anywhere }
    </style>
  </head>
  <body>
    <main role="alert">
      <h1>${escapeHtml(title)}</h1>
      <p>${escapeHtml(message)}</p>
      <p>The profile's folder is <code>${escapeHtml(directory)}</code></p>
      <p>Nothing in it was changed. Close this window, then start Swarmpad again.</p>
    </main>
  </body>
</html>
`

function titleOf(error: unknown): string {
  switch (error instanceof SwarmpadError ? error.code : null) {
    case 'PROFILE_BUSY':
      return 'This profile is already open'
    case 'STORE_DAMAGED':
      return 'Your documents could not be read'
    case 'PROFILE_NEWER':
      return 'A newer Swarmpad has used this profile'
    case 'KEY_SEALED':
      return 'Your documents are locked'
    case 'STORE_WRITE_FAILED':
      return 'There is no room to save anything'
    default:
      return 'Swarmpad could not start'
  }
}

function messageOf(error: unknown): string {
  if (error instanceof SwarmpadError) return errorWords(error)
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code
    ? `The profile's folder cannot be used (${code}). Check that it belongs to you and can be written to.`
    : 'Something unexpected happened. If it happens again, start with another --profile.'
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
