import { bech32m } from '@scure/base'
import { SwarmpadError } from '../base/errors'
import { type DocumentKeys, keysFromKeep, keysFromRead, keysFromWrite, type Role } from './derive'
import { codesIn, namesLink } from './link-text'

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
/** Letters of the longest code that is decoded; the longest valid one has 114. */
const longest = 400
/** Longest text that is searched for a link, in UTF-16 code units. Rule L2. */
export const longestText = 3_200

/**
 * Reads the one link in a text as people paste it: any case, with blanks and line breaks in it, percent-encoded, with
 * or without `swarmpad:`, and any other words around it. Throws LINK_UNKNOWN (also for several links), LINK_DAMAGED,
 * LINK_UNSUPPORTED, or LINK_OTHER for one that pairs two computers. Rules L1 to L5.
 */
export function parseLink(text: string): Link {
  const { prefix, payload } = readCode(text)
  const role = roleOf(prefix)
  if ((!role && prefix !== pairingPrefix) || payload[0] !== version) throw unsupportedLink()
  if (payload.length !== (role ? sizes[role] : pairingSize)) throw damagedLink()
  if (!role) throw pairingLink()
  const secret = payload.slice(1, 33)
  return role === 'keep' ? { role, secret, verify: payload.slice(33) } : { role, secret }
}

/**
 * The secret (32 bytes) of a link that pairs two computers, read as `parseLink` reads one. Throws LINK_UNKNOWN,
 * LINK_DAMAGED, LINK_UNSUPPORTED, or LINK_OTHER for one that opens a document. Rules L1 to L5.
 */
export function parsePairingLink(text: string): Uint8Array {
  const { prefix, payload } = readCode(text)
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
  return scheme + bech32m.encode(prefix, words, longest)
}

/** Returns the only valid code in a text. Rules L2, L3. */
function readCode(text: string): Code {
  if (text.length > longestText) throw unknownLink()
  const [code, ...more] = soundCodes(text)
  if (more.length > 0) throw severalLinks()
  if (code) return code
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
    const { prefix, words } = bech32m.decode(code as `${string}1${string}`, longest)
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
