import type { Tree } from '@lezer/common'
import { maxTags } from '../../contract/search'

/** Longest tag, in UTF-16 code units. */
const maxTag = 100
/** Longest front matter that is read, in UTF-16 code units. */
const maxFrontMatter = 16_384

/** Nodes in which a number sign begins no tag. */
const withoutTags: ReadonlySet<string> = new Set([
  'FrontMatter',
  'InlineCode',
  'FencedCode',
  'CodeBlock',
  'InlineMath',
  'BlockMath',
  'Link',
  'Image',
  'WikiLink',
  'Autolink',
  'URL',
  'LinkReference',
  'HTMLBlock',
  'HTMLTag',
  'Comment',
  'CommentBlock',
  'ProcessingInstruction',
  'ProcessingInstructionBlock',
])

const letters = String.raw`\p{L}\p{N}\p{M}_/\-\p{Extended_Pictographic}\u200d`
/** A tag in a text: after a blank or what opens a quotation, an emphasis, a bracket or a cell. */
const tagPattern = String.raw`(?<=^|[\s(*_~="'„“‘«>|])#([${letters}]+)`
const wholeTag = new RegExp(`^[${letters}]+$`, 'u')

/**
 * Returns the tags of a Markdown text whose tree is given: words after a number sign, outside of code and links, and the `tags`
 * of the front matter. Without the number sign, each once without regard to case, as first written, sorted; at most 100.
 */
export function tagsIn(tree: Tree, text: string): string[] {
  const tags = new Map<string, string>()
  const add = (tag: string) => {
    const key = tag.toLowerCase()
    if (tags.size < maxTags && !tags.has(key)) tags.set(key, tag)
  }
  const skipped = rangesWithoutTags(tree)
  const first = skipped[0]
  if (first?.name === 'FrontMatter')
    for (const word of frontMatterTags(text.slice(first.from, first.to))) if (isTag(word)) add(word)
  let next = 0
  for (const { from, tag } of writtenTags(text.slice(0, tree.length))) {
    if (tags.size === maxTags) break
    while ((skipped[next]?.to ?? Number.POSITIVE_INFINITY) <= from) next++
    const isSkipped = (skipped[next]?.from ?? Number.POSITIVE_INFINITY) <= from
    if (!isSkipped) add(tag)
  }
  return [...tags.values()].sort((a, b) => a.localeCompare(b))
}

/** A tag where it is written. Offsets are UTF-16 code units. */
export interface WrittenTag {
  /** Offset of its number sign. */
  readonly from: number
  readonly to: number
  /** Without the number sign. */
  readonly tag: string
}

/** Yields what is a tag in a text unless it stands in a node that has none: see `hasTags`. */
export function* writtenTags(text: string): Generator<WrittenTag, void> {
  for (const { index: from, 1: written = '' } of text.matchAll(new RegExp(tagPattern, 'gmu'))) {
    const tag = withoutSlashes(written)
    if (isTag(tag)) yield { from, to: from + 1 + tag.length, tag }
  }
}

/** Returns false for the name of a node in which a number sign begins no tag. */
export const hasTags = (node: string): boolean => !withoutTags.has(node)

const withoutSlashes = (written: string): string => written.replace(/\/+$/, '')

const isTag = (tag: string): boolean =>
  tag.length <= maxTag && wholeTag.test(tag) && !/^[\p{N}/_-]*$/u.test(tag)

/** Returns the ranges of the outermost nodes that have no tags, in order. */
function rangesWithoutTags(tree: Tree): { name: string; from: number; to: number }[] {
  const ranges: { name: string; from: number; to: number }[] = []
  tree.iterate({
    enter: ({ name, from, to }) => {
      if (!withoutTags.has(name)) return true
      ranges.push({ name, from, to })
      return false
    },
  })
  return ranges
}

/**
 * Returns the tags that front matter lists, or names in one line; none if it is too long. This reads the few forms of
 * YAML that lists of words have: the package `yaml` takes hours for some texts of a few thousand characters.
 */
function frontMatterTags(source: string): string[] {
  if (source.length > maxFrontMatter) return []
  const lines = source.split('\n')
  const first = lines.findIndex((line) => /^tags[ \t]*:/.test(line))
  if (first < 0) return []
  const value = (lines[first] ?? '').replace(/^tags[ \t]*:/, '').replace(comment, '')
  const after = lines.slice(first + 1)
  const end = after.findIndex((line) => !/^(?:[ \t]|-[ \t])/.test(line))
  const rest = end < 0 ? after : after.slice(0, end)
  if (value.trim() === '')
    return rest.flatMap((line) => plainWords(/^[ \t]*-[ \t]+(.*)$/.exec(line)?.[1] ?? ''))
  const [, listed] = /^[ \t]*\[([^\]]*)/.exec([value, ...rest].join('\n')) ?? []
  return listed === undefined
    ? value.split(/[\s,]+/).flatMap(plainWords)
    : listed.split(',').flatMap(plainWords)
}

/** A comment of YAML, at the end of a line; what follows a number sign at once is taken for a tag. */
const comment = /(?:^|\s)#\s.*$/

/** Returns a word of YAML without quotation marks, a comment and a number sign; nothing for an empty one. */
function plainWords(word: string): string[] {
  const [, quoted] = /^\s*(?:"([^"]*)"|'([^']*)')/.exec(word)?.filter((part) => part !== undefined) ?? []
  const plain = (quoted ?? word.replace(comment, '')).trim().replace(/^#/, '')
  return plain === '' ? [] : [withoutSlashes(plain)]
}
