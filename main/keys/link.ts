import { bech32m } from '@scure/base'
import { SwarmpadError } from '../base/errors'
import { type DocumentKeys, keysFromKeep, keysFromRead, keysFromWrite, type Role } from './derive'
import { codesIn, longestCode, namesLink } from './link-text'

/** Contents of a link: a secret, and for a keep link W.publicKey, of 32 bytes each. */
export type Link =
  | { readonly role: 'write' | 'read'; readonly secret: Uint8Array }
  | { readonly role: 'keep'; readonly secret: Uint8Array; readonly verify: Uint8Array }

const scheme = 'swarmpad:'
const version = 1
const prefixes: Readonly<Record<Role, string>> = { write: 'spw', read: 'spr', keep: 'spk' }
const pairingPrefix = 'spd'
const pairingSize = 33
const sizes: Readonly<Record<Role, number>> = { write: 33, read: 33, keep: 65 }
/** Longest text that is searched for a link, in UTF-16 code units. Rule L2. */
export const longestText = 16_384

/**
 * Reads the one link to a document in a text as people paste it: any case, with blanks and line breaks in it,
 * percent-encoded, with or without `swarmpad:`, and any other words around it. Throws LINK_SEVERAL, or as `linksIn`
 * does. Rules L1 to L5.
 */
export function parseLink(text: string): Link {
  const [link, ...more] = linksIn(text)
  if (more.length > 0) throw severalLinks()
  return link
}

/**
 * Reads all links to documents in a text, each once, in their order. Throws LINK_UNKNOWN, LINK_DAMAGED,
 * LINK_UNSUPPORTED, or LINK_OTHER for a text whose only links pair two computers. Rules L1 to L5.
 */
export function linksIn(text: string): readonly [Link, ...Link[]] {
  const codes = readCodes(text)
  const [link, ...more] = codes.flatMap((code) => linkOf(code) ?? [])
  if (link) return [link, ...more]
  throw refusalOf(codes[0])
}

/** Returns the link to a document that a code is; null for any other code. */
function linkOf({ prefix, payload }: Code): Link | null {
  const role = roleOf(prefix)
  if (!role || payload[0] !== version || payload.length !== sizes[role]) return null
  const secret = payload.slice(1, 33)
  return role === 'keep' ? { role, secret, verify: payload.slice(33) } : { role, secret }
}

/** Returns why a sound code is no link to a document. */
function refusalOf({ prefix, payload }: Code): SwarmpadError {
  const role = roleOf(prefix)
  if ((!role && prefix !== pairingPrefix) || payload[0] !== version) return unsupportedLink()
  if (payload.length !== (role ? sizes[role] : pairingSize)) return damagedLink()
  return pairingLink()
}

/**
 * The secret (32 bytes) of a link that pairs two computers, read as `parseLink` reads one. Throws LINK_UNKNOWN,
 * LINK_DAMAGED, LINK_UNSUPPORTED, or LINK_OTHER for one that opens a document. Rules L1 to L5.
 */
export function parsePairingLink(text: string): Uint8Array {
  const [{ prefix, payload }, ...more] = readCodes(text)
  if (more.length > 0) throw severalLinks()
  if (roleOf(prefix)) throw documentLink()
  if (prefix !== pairingPrefix || payload[0] !== version) throw unsupportedLink()
  if (payload.length !== pairingSize) throw damagedLink()
  return payload.slice(1)
}

/** Returns true for a text that is meant as a link or contains one: reading it reports the fault. Rule L2. */
export const holdsLink = (text: string): boolean =>
  text.length <= longestText && (namesLink(text) || soundCodes(text).length > 0)

/** The link that pairs two computers by a secret of 32 bytes. */
export const formatPairingLink = (secret: Uint8Array): string => encode(pairingPrefix, secret)

/** The keys that a link gives; with a read link, `verify` is null until a manifest arrives. */
export function keysFromLink(link: Link): DocumentKeys {
  if (link.role === 'keep') return keysFromKeep(link.secret, link.verify)
  return link.role === 'write' ? keysFromWrite(link.secret) : keysFromRead(link.secret)
}

/**
 * The link that gives `role`. Throws ROLE_TOO_LOW when the keys give less, or when a reader that has
 * reached no one yet asks for a keep link.
 */
export function formatLink(keys: DocumentKeys, role: Role): string {
  if (role === 'keep') {
    if (!keys.verify) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'give-yet' })
    return encode(prefixes[role], keys.keep, keys.verify)
  }
  const secret = keys[role]
  if (!secret) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'give-more' })
  return encode(prefixes[role], secret)
}

const roleOf = (prefix: string): Role | undefined =>
  (Object.keys(prefixes) as Role[]).find((role) => prefixes[role] === prefix)

function encode(prefix: string, ...parts: Uint8Array[]): string {
  const words = bech32m.toWords(Buffer.concat([Buffer.of(version), ...parts]))
  return scheme + bech32m.encode(prefix, words, longestCode)
}

/** Returns the valid codes in a text, each once. Rules L2, L3. */
function readCodes(text: string): readonly [Code, ...Code[]] {
  if (text.length > longestText) throw unknownLink()
  const [code, ...more] = soundCodes(text)
  if (code) return [code, ...more]
  throw namesLink(text) ? damagedLink() : unknownLink()
}

interface Code {
  readonly prefix: string
  readonly payload: Uint8Array
}

const soundCodes = (text: string): Code[] => codesIn(text).flatMap((code) => decode(code) ?? [])

/** Decodes a code; null for an invalid one, since the library's error quotes its input, which is a secret. */
function decode(code: string): Code | null {
  try {
    const { prefix, words } = bech32m.decode(code as `${string}1${string}`, longestCode)
    return { prefix, payload: bech32m.fromWords(words) }
  } catch {
    return null
  }
}

const unknownLink = (): SwarmpadError => new SwarmpadError('LINK_UNKNOWN')

const severalLinks = (): SwarmpadError => new SwarmpadError('LINK_SEVERAL')

const damagedLink = (): SwarmpadError => new SwarmpadError('LINK_DAMAGED')

const unsupportedLink = (): SwarmpadError => new SwarmpadError('LINK_UNSUPPORTED')

const pairingLink = (): SwarmpadError => new SwarmpadError('LINK_OTHER', { meant: 'pairing' })

const documentLink = (): SwarmpadError => new SwarmpadError('LINK_OTHER', { meant: 'document' })
