import { extname, join, sep } from 'node:path'

/** The scheme that serves the window's files, and its only host. */
export const pageScheme = 'swarmpad-app'
export const pageOrigin = `${pageScheme}://window`
/** Address of the window's first page. */
export const startPage = `${pageOrigin}/index.html`

/** Content types of the files that the window may load, by extension. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** A file of the window. */
export interface PageFile {
  readonly path: string
  readonly contentType: string
}

/**
 * Returns the file under `root` that an address names, or null: only addresses of the window's own origin, only
 * known file types, and never a path outside `root`.
 */
export function pageFile(root: string, address: string): PageFile | null {
  if (!URL.canParse(address)) return null
  const { protocol, host, pathname } = new URL(address)
  if (`${protocol}//${host}` !== pageOrigin) return null
  const names = decode(pathname)?.split('/').slice(1)
  if (!names?.every((name) => /^[\w][\w.-]*$/.test(name))) return null
  const path = join(root, ...names)
  const contentType = contentTypes[extname(path)]
  return contentType && path.startsWith(root + sep) ? { path, contentType } : null
}

/** True if an address belongs to the window's own origin. */
export const isOwnPage = (address: string): boolean => address.startsWith(`${pageOrigin}/`)

/**
 * Returns the content security policy of a page whose generated style sheets carry `nonce`, or (null) of another
 * file: only scripts, styles, images and fonts of its own origin, and no connections.
 */
export const contentPolicy = (nonce: string | null): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${nonce === null ? '' : ` 'nonce-${nonce}'`}`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** Returns the headers of a response to the window; `nonce` for pages. */
export function pageHeaders(contentType: string, nonce: string | null): Record<string, string> {
  return {
    'Content-Type': contentType,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': contentPolicy(nonce),
  }
}

/** Returns the page with the nonce in its head, where the editor reads it. */
export const withNonce = (html: string, nonce: string): string =>
  html.replace(/<head[^>]*>/i, (head) => `${head}\n    <meta name="csp-nonce" content="${nonce}" />`)

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
