import { SwarmpadError } from '../base/errors'

/** Longest address that is passed to the system, in UTF-16 code units. */
const maxLength = 2_048

/**
 * Returns an address that may be passed to the system's browser or mail program: http, https or mailto, nothing
 * that runs or opens a file. Throws ADDRESS_REFUSED for any other.
 */
export function externalAddress(text: string): string {
  const url = text.length <= maxLength && URL.canParse(text) ? new URL(text) : null
  if (!url || !['http:', 'https:', 'mailto:'].includes(url.protocol) || url.username || url.password)
    throw new SwarmpadError('ADDRESS_REFUSED')
  return url.href
}

/**
 * Returns the site of an address, which a person can allow for a document; null for one that is asked about each time:
 * mail, and hosts with letters outside ASCII, which can look like others.
 */
export function siteOf(address: string): string | null {
  const { protocol, hostname, origin } = new URL(address)
  return protocol === 'mailto:' || /(^|\.)xn--/.test(hostname) ? null : origin
}

/** Characters of an address on one line of the question. */
const lineLength = 72

/**
 * Returns the question to ask before an address is opened: its target, and the full address in lines.
 * Characters outside printable ASCII are escaped, and a host is in its ASCII form.
 */
export function externalQuestion(address: string): { message: string; detail: string } {
  const { host, protocol } = new URL(address)
  const message = protocol === 'mailto:' ? 'Write a mail outside Swarmpad?' : `Open ${host} outside Swarmpad?`
  const plain = address.replace(/[^!-~]/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`)
  const lines = plain.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []
  const once =
    siteOf(address) === null ? [] : ['', `Links of this document to ${host} are not asked about again.`]
  return { message, detail: [...lines, ...once].join('\n') }
}
