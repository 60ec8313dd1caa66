import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { holdsLink } from '../keys/link'

/** A link or a file to open that came from outside the window. */
export type Opening =
  | { readonly kind: 'link'; readonly link: string }
  | { readonly kind: 'file'; readonly path: string }
  /** An address that names no file on this computer. */
  | { readonly kind: 'elsewhere'; readonly name: string }

/** The scheme that the system hands to Swarmpad. */
export const linkScheme = 'swarmpad'

/** Longest accepted path, in UTF-16 code units. */
const maxLength = 4_096

/** Longest shown address of a file that is elsewhere, in UTF-16 code units. */
const maxShown = 255

/** Most openings that are read from another process: more than fit into what is handed over. */
const maxOpenings = 1_000

/** Largest start that is handed over to another process, in bytes: Chromium ends a process that receives 32 kB. */
const maxHandedOver = 24 * 1024

/**
 * Reads an argument as a link, as a `file:` address, or as a file path relative to `directory`. An argument that
 * is meant as a link or contains one, in brackets, in a path or encoded, is a link: opening it reports its fault.
 * Rule L2.
 */
export function openingOf(argument: string, directory: string): Opening {
  if (holdsLink(argument)) return { kind: 'link', link: argument }
  return /^file:/i.test(argument)
    ? openingOfAddress(argument)
    : { kind: 'file', path: resolve(directory, argument) }
}

function openingOfAddress(address: string): Opening {
  try {
    // Refuses another host, on Windows a name that Windows would ask the network for, and encoded slashes.
    const url = new URL(address)
    if (url.host === '') return { kind: 'file', path: fileURLToPath(url) }
  } catch {
    // Not a file that has a path here.
  }
  return { kind: 'elsewhere', name: address.slice(0, maxShown).toWellFormed() }
}

/**
 * Returns openings as text to hand them over to another process: in letters of one byte, since Electron loses data
 * with others, depending on where they come to lie in its message.
 */
export const handedOver = (openings: readonly Opening[]): string =>
  Buffer.from(JSON.stringify(openings)).toString('base64')

/**
 * Returns true if the process that is running can receive this start: the runtime sends it the arguments and the
 * working directory beside what `handedOver` returned.
 */
export function canHandOver(handed: string, args: readonly string[], directory: string): boolean {
  const texts = [handed, directory, ...args]
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text) + 1, 0) <= maxHandedOver
}

/** Reads openings that another process handed over, without anything else. */
export function readHandedOver(handed: unknown): Opening[] {
  if (typeof handed !== 'string') return []
  try {
    const value: unknown = JSON.parse(Buffer.from(handed, 'base64').toString())
    return Array.isArray(value) ? value.slice(0, maxOpenings).flatMap((each) => readOpening(each) ?? []) : []
  } catch {
    return []
  }
}

function readOpening(value: unknown): Opening | null {
  if (typeof value !== 'object' || value === null) return null
  const { kind, link, path, name } = value as Record<string, unknown>
  if (kind === 'link' && typeof link === 'string' && holdsLink(link)) return { kind, link }
  if (kind === 'file' && typeof path === 'string' && path.length <= maxLength && isAbsolute(path))
    return { kind, path }
  if (kind === 'elsewhere' && typeof name === 'string') return { kind, name: name.slice(0, maxShown) }
  return null
}
