import { isAbsolute, resolve } from 'node:path'
import { holdsLink } from '../keys/link'

/** A link or a file to open that came from outside the window. */
export type Opening =
  | { readonly kind: 'link'; readonly link: string }
  | { readonly kind: 'file'; readonly path: string }

/** The scheme that the system hands to Swarmpad. */
export const linkScheme = 'swarmpad'

/** Longest accepted path, in UTF-16 code units. */
const maxLength = 4_096

/**
 * Reads an argument as a link, or as a file path relative to `directory`. An argument that is meant as a link
 * or contains one, in brackets, in a path or encoded, is a link: opening it reports its fault. Rule L2.
 */
export function openingOf(argument: string, directory: string): Opening {
  return holdsLink(argument)
    ? { kind: 'link', link: argument }
    : { kind: 'file', path: resolve(directory, argument) }
}

/** Reads an opening that another process handed over; null for anything else. */
export function readOpening(value: unknown): Opening | null {
  if (typeof value !== 'object' || value === null) return null
  const { kind, link, path } = value as Record<string, unknown>
  if (kind === 'link' && typeof link === 'string' && holdsLink(link)) return { kind, link }
  if (kind === 'file' && typeof path === 'string' && path.length <= maxLength && isAbsolute(path))
    return { kind, path }
  return null
}
