import { syntaxTree } from '@codemirror/language'
import { type EditorState, type Extension, type Range, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { ownWordsIn } from './own-words'
import type { SpellingState } from './spelling.svelte'

/** The part of the state of spelling that the editor shows. */
interface Check {
  /** Spelling is checked. */
  readonly isOn: boolean
  /** The person's own words. */
  readonly words: ReadonlySet<string>
}

const setCheck = StateEffect.define<Check>()

const checkField = StateField.define<Check>({
  create: () => ({ isOn: false, words: new Set() }),
  update: (check, { effects }) => effects.findLast((effect) => effect.is(setCheck))?.value ?? check,
})

/** Parts of Markdown that are no prose: their words are not checked. */
const unchecked: ReadonlySet<string> = new Set([
  'FrontMatter',
  'FencedCode',
  'CodeBlock',
  'InlineCode',
  'InlineMath',
  'BlockMath',
  'URL',
  'Autolink',
  'LinkLabel',
  'FootnoteReference',
  'CalloutMark',
  'HTMLBlock',
  'HTMLTag',
  'CommentBlock',
  'Comment',
  'ProcessingInstructionBlock',
  'ProcessingInstruction',
])

const uncheckedMark = Decoration.mark({ attributes: { spellcheck: 'false' } })

/** Returns marks on everything in sight that Chromium must not check. */
function uncheckedIn({ state, visibleRanges }: EditorView): DecorationSet {
  const { isOn, words } = state.field(checkField)
  if (!isOn) return Decoration.none
  const marks: Range<Decoration>[] = []
  for (const { from, to } of visibleRanges) {
    syntaxTree(state).iterate({
      from,
      to,
      enter: (node) => {
        if (!unchecked.has(node.name)) return true
        const [start, end] = [Math.max(node.from, from), Math.min(node.to, to)]
        if (start < end) marks.push(uncheckedMark.range(start, end))
        return false
      },
    })
    for (const word of ownWordsIn(state.sliceDoc(from, to), words))
      marks.push(uncheckedMark.range(from + word.from, from + word.to))
  }
  return Decoration.set(marks, true)
}

const uncheckedMarks = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet

    constructor(view: EditorView) {
      this.decorations = uncheckedIn(view)
    }

    update(update: ViewUpdate): void {
      // An element that appears around letters that are being composed would end their composition.
      if (update.view.composing && update.docChanged) {
        this.decorations = this.decorations.map(update.changes)
        return
      }
      if (update.docChanged || update.viewportChanged || isReadOtherwise(update))
        this.decorations = uncheckedIn(update.view)
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

const isReadOtherwise = ({ startState, state }: ViewUpdate): boolean =>
  syntaxTree(startState) !== syntaxTree(state) || startState.field(checkField) !== state.field(checkField)

/** Returns true if there is one of the person's own words between two offsets. */
export function hasOwnWord(state: EditorState, from: number, to: number): boolean {
  const { words } = state.field(checkField)
  return !ownWordsIn(state.sliceDoc(from, to), words).next().done
}

const extension: Extension = [
  checkField,
  uncheckedMarks,
  EditorView.contentAttributes.compute([checkField], (state) => ({
    spellcheck: String(state.field(checkField).isOn),
  })),
]

/**
 * Time for Chromium's process of the page to get new word lists, in ms. Text that it checks before counts as checked,
 * and stays without marks.
 */
const reloadPause = 250

/** Lets Chromium underline misspelled words of prose, without the person's own words. */
export const spellingMarks = (spelling: SpellingState): EditorFeature => ({
  extension,
  attach(view) {
    let languages = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    const apply = (isOn: boolean): void =>
      view.dispatch({ effects: setCheck.of({ isOn, words: new Set(spelling.words) }) })
    const follow = (): void => {
      const now = spelling.check.languages.join()
      clearTimeout(timer)
      if (now === languages || now === '') apply(now !== '')
      else {
        apply(false)
        timer = setTimeout(() => apply(true), reloadPause)
      }
      languages = now
    }
    follow()
    const stop = spelling.onChange(follow)
    return () => {
      clearTimeout(timer)
      stop()
    }
  },
})
