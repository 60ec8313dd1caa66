import { isAbsolute, resolve } from 'node:path'

/** Something to open that came from outside the window: a link, or a text file to make a document of. */
export type Opening =
  | { readonly kind: 'link'; readonly link: string }
  | { readonly kind: 'file'; readonly path: string }

/** The scheme that the system hands to Swarmpad. */
export const linkScheme = 'swarmpad'

/** Longest argument that is looked at, in UTF-16 code units: real links have at most 123. */
const maxLength = 4_096

/**
 * Whether a text is meant as a Swarmpad link, sound or not: opening it tells what is wrong with it.
 * A text with anything before the link is none, so that no file name passes for one.
 */
export const isLink = (text: string): boolean =>
  text.length <= maxLength && (/^swarmpad:/i.test(text) || /^sp[wrkd]1[a-z0-9]{20,}$/i.test(text))

/** What an argument asks to open; file names are taken from `directory`. */
export function openingOf(argument: string, directory: string): Opening {
  return isLink(argument)
    ? { kind: 'link', link: argument }
    : { kind: 'file', path: resolve(directory, argument) }
}

/** Reads an opening that another process handed over; null for anything else. */
export function readOpening(value: unknown): Opening | null {
  if (typeof value !== 'object' || value === null) return null
  const { kind, link, path } = value as Record<string, unknown>
  if (kind === 'link' && typeof link === 'string' && isLink(link)) return { kind, link }
  if (kind === 'file' && typeof path === 'string' && path.length <= maxLength && isAbsolute(path))
    return { kind, path }
  return null
}
