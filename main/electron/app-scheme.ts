import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { app, protocol, type Session } from 'electron'
import { type Failure, failurePage } from './failure-page'
import { isOwnPage, pageFile, pageHeaders, pageScheme, withNonce } from './page-files'

const html = 'text/html; charset=utf-8'

/**
 * Registers the window's scheme as a standard one with its own origin, and makes Chromium resolve no host: only
 * the workspace uses the network. To be called before the app is ready.
 */
export function registerAppScheme(): void {
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  protocol.registerSchemesAsPrivileged([{ scheme: pageScheme, privileges: { standard: true, secure: true } }])
}

/**
 * Serves the window's files in `session` and cancels every other request, so that the window reaches no network.
 * While `failure` returns one, every page is its failure page.
 */
export function serveApp(options: { session: Session; root: string; failure: () => Failure | null }): void {
  const { session, root, failure } = options
  session.protocol.handle(pageScheme, async ({ url }) => {
    const file = pageFile(root, url)
    if (!file) return missing()
    const isPage = file.contentType === html
    const nonce = isPage ? randomBytes(16).toString('base64') : null
    const headers = pageHeaders(file.contentType, nonce)
    const failed = failure()
    if (nonce && failed) return new Response(failurePage(failed, nonce), { headers })
    try {
      const content = await readFile(file.path)
      return new Response(nonce ? withNonce(content.toString(), nonce) : content, { headers })
    } catch {
      return missing()
    }
  })
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOwnPage(url) && !isTool(url) }))
}

/** True for the developer tools. */
const isTool = (url: string): boolean => url.startsWith('devtools://')

const missing = (): Response =>
  new Response('', { status: 404, headers: pageHeaders('text/plain; charset=utf-8', null) })
