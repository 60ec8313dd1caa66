import { type InlineKind, inlineKinds } from './inline-kinds'
import { bitOf, elementsOf, type Inline, isOpen, readInline, type Span, seenIn } from './inline-text'

/** A change to a text: its characters from `from` to `to` are replaced. */
export interface Edit extends Span {
  readonly insert: string
}

/** The longest text whose formats are changed, in UTF-16 code units, so that a key never takes long. */
export const longestParagraph = 8_000

/** Returns true if all words in the spans that a reader sees have the format, and there are some. */
export function isFormatted(
  text: string,
  inlines: readonly Inline[],
  spans: readonly Span[],
  kind: InlineKind,
): boolean {
  const seen = seenIn(text, inlines).filter(({ at }) => spans.some((span) => has(span, at)))
  // Punctuation at the edges may have had to stay outside the marks.
  const letters = seen.filter(({ at }) => /[^\p{P}\p{S}]/u.test(text[at] ?? ''))
  const judged = letters.length > 0 ? letters : seen
  return judged.length > 0 && judged.every(({ formats }) => (formats & bitOf(kind)) !== 0)
}

/**
 * Returns the edits that give the spans of a paragraph's text a format, or take it from them. Blanks at their
 * edges stay outside. The result is read again, and another way of writing it is tried if it does not say what
 * is meant; null if no way is right, or nothing is to do.
 */
export function formatSpans(
  text: string,
  inlines: readonly Inline[],
  spans: readonly Span[],
  kind: InlineKind,
  on: boolean,
): readonly Edit[] | null {
  if (on && isFormatted(text, inlines, spans, kind)) return null
  const touched = elementsOf(inlines, kind).filter((element) =>
    spans.some((span) => span.from <= element.to && span.to >= element.from),
  )
  const wanted = on
    ? union([...touched, ...spans])
    : touched.flatMap(({ content }) => without(content, spans))
  const runs = wanted.flatMap((span) => runsIn(text, inlines, span, { kind, touched }))
  for (const narrow of [false, true])
    for (const sign of inlineKinds[kind].marks) {
      const narrowed = narrow ? runs.map((run) => trim(text, run, /[\s\p{P}\p{S}]/u)) : runs
      const kept = narrowed.filter(({ from, to }) => from < to)
      const edits = editsFor(text, touched, kept, kind, sign)
      if (edits.length === 0) return null
      if (saysAsMeant(text, inlines, edits, kind, kept, touched)) return edits
    }
  return null
}

const has = ({ from, to }: Span, at: number): boolean => at >= from && at < to

function union(spans: readonly Span[]): Span[] {
  const joined: { from: number; to: number }[] = []
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = joined[joined.length - 1]
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined
}

function without(span: Span, others: readonly Span[]): Span[] {
  return others.reduce<Span[]>(
    (rest, other) =>
      rest.flatMap(({ from, to }) =>
        other.to <= from || other.from >= to
          ? [{ from, to }]
          : [
              { from, to: Math.max(from, other.from) },
              { from: Math.min(to, other.to), to },
            ].filter((part) => part.from < part.to),
      ),
    [span],
  )
}

/** Returns a span without the characters at its edges that match. */
function trim(text: string, span: Span, blank: RegExp): Span {
  let { from, to } = span
  while (from < to && blank.test(text[from] ?? '')) from++
  while (to > from && blank.test(text[to - 1] ?? '')) to--
  return { from, to }
}

/** Splits a span where an element begins or ends inside it: formats must lie one inside the other. */
function runsIn(
  text: string,
  inlines: readonly Inline[],
  span: Span,
  how: { readonly kind: InlineKind; readonly touched: readonly Inline[] },
): Span[] {
  const runs: Span[] = []
  let { from, to } = span
  for (const inline of flattened(inlines, how.touched)) {
    if (inline.to <= from || inline.from >= to) continue
    const visible = trim(text, inline.content, /\s/)
    const whole = span.from <= visible.from && span.to >= visible.to
    if (!isOpen(inline) || (whole && how.kind !== 'code')) {
      from = Math.min(from, inline.from)
      to = Math.max(to, inline.to)
      continue
    }
    runs.push({ from, to: inline.from })
    const inside = {
      from: Math.max(span.from, inline.content.from),
      to: Math.min(span.to, inline.content.to),
    }
    if (inside.from < inside.to) runs.push(...runsIn(text, inline.children, inside, how))
    from = inline.to
  }
  runs.push({ from, to })
  return runs.map((run) => trim(text, run, /\s/)).filter((run) => run.from < run.to)
}

/** Puts the children of elements whose marks go away in their place. */
function flattened(inlines: readonly Inline[], gone: readonly Inline[]): Inline[] {
  return inlines.flatMap((inline) => (gone.includes(inline) ? flattened(inline.children, gone) : [inline]))
}

function editsFor(
  text: string,
  gone: readonly Inline[],
  runs: readonly Span[],
  kind: InlineKind,
  sign: string,
): Edit[] {
  const removed: Edit[] = gone.flatMap(({ from, to, content }) => [
    { from, to: content.from, insert: '' },
    { from: content.to, to, insert: '' },
  ])
  const added: Edit[] = runs.flatMap((run) => {
    const [before, after] = kind === 'code' ? codeMarks(remaining(text, run, removed)) : [sign, sign]
    return [
      { from: run.from, to: run.from, insert: before },
      { from: run.to, to: run.to, insert: after },
    ]
  })
  // A mark that stays where it is takes no edit.
  const stays = (mark: Edit): Edit | undefined =>
    removed.find(
      ({ from, to }) =>
        text.slice(from, to) === mark.insert && (from === mark.from || to === mark.from) && from < to,
    )
  const kept = new Set<Edit>()
  const fresh = added.filter((mark) => {
    const same = stays(mark)
    if (!same || kept.has(same)) return true
    kept.add(same)
    return false
  })
  return [...removed.filter((edit) => !kept.has(edit) && edit.from < edit.to), ...fresh].sort(
    (a, b) => a.from - b.from || a.to - b.to,
  )
}

/** Returns a run of the text as it is after the edits. */
function remaining(text: string, run: Span, edits: readonly Edit[]): string {
  const inside = edits.filter(({ from, to }) => from >= run.from && to <= run.to)
  return applyEdits(text.slice(0, run.to), inside).slice(run.from)
}

/** Returns marks around code that are longer than every run of backticks in it. */
function codeMarks(code: string): [string, string] {
  const runs = [...code.matchAll(/`+/g)].map(([run]) => run.length)
  let length = 1
  while (runs.includes(length)) length++
  const sign = '`'.repeat(length)
  const blank = code.startsWith('`') || code.endsWith('`') ? ' ' : ''
  return [sign + blank, blank + sign]
}

/** Applies edits that are sorted and do not overlap. */
function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let at = 0
  for (const { from, to, insert } of edits) {
    result += text.slice(at, from) + insert
    at = to
  }
  return result + text.slice(at)
}

function saysAsMeant(
  text: string,
  inlines: readonly Inline[],
  edits: readonly Edit[],
  kind: InlineKind,
  runs: readonly Span[],
  touched: readonly Inline[],
): boolean {
  const bit = bitOf(kind)
  const expected = seenIn(text, inlines).map(({ at, formats }) => {
    const wasTouched = touched.some((element) => has(element, at))
    const on = runs.some((run) => has(run, at)) || (!wasTouched && (formats & bit) !== 0)
    return `${text[at]}${on ? formats | bit : formats & ~bit}`
  })
  const result = applyEdits(text, edits)
  const seen = seenIn(result, readInline(result)).map(({ at, formats }) => `${result[at]}${formats}`)
  return seen.length === expected.length && seen.every((character, index) => character === expected[index])
}
