import { Prec } from '@codemirror/state'
import { EditorView, keymap, type ViewUpdate } from '@codemirror/view'
import type { Person } from '../../../preload/contract/document'
import type { EditorFeature, EditorSession } from '../../editor/extension'
import { caretField, flashCaret, type PlacedCaret } from './caret-field'
import { personWords } from './people'

/** How long it is said that somebody has no caret in the text, in ms. */
const sayTime = 4_000

/** Connects an editor with `Following`, which `of` returns. */
export const followCarets = (of: () => Following): EditorFeature => ({
  extension: [
    EditorView.updateListener.of((update) => of().updated(update)),
    Prec.high(keymap.of([{ key: 'Escape', run: () => of().stop() }])),
  ],
  attach: (view, session) => of().attach(view, session),
})

/**
 * Goes to other people's carets in the document on screen, and follows one as it moves: until the person here writes,
 * scrolls, selects or presses Escape, or the other one leaves.
 */
export class Following {
  /** Key of the person who is followed; null for nobody. */
  followed = $state<string | null>(null)
  /** Describes what is going on, in plain words; '' for nothing. */
  words = $state('')
  private view: EditorView | null = null
  private people: readonly Person[] = []
  /** Key of the person whose caret was gone to last, as long as nothing else was done. */
  private gone: string | null = null
  private isDue = false
  private timer: ReturnType<typeof setTimeout> | undefined

  /** Follows an editor; the result ends it. */
  attach(view: EditorView, session: EditorSession): () => void {
    this.view = view
    const interrupt = () => void this.stop()
    const keydown = (event: KeyboardEvent) => {
      const isOpen = document.querySelector(':popover-open, dialog[open]') !== null
      if (event.key === 'Escape' && !event.defaultPrevented && !isOpen) this.stop()
    }
    const scroll = view.scrollDOM
    for (const name of ['wheel', 'touchmove', 'pointerdown'] as const)
      scroll.addEventListener(name, interrupt, { passive: true })
    window.addEventListener('keydown', keydown)
    const stopPeople = session.on('people', (people) => {
      this.people = people
      if (this.followed !== null && !people.some(({ key }) => key === this.followed)) this.stop()
    })
    return () => {
      this.stop()
      this.view = null
      for (const name of ['wheel', 'touchmove', 'pointerdown'] as const)
        scroll.removeEventListener(name, interrupt)
      window.removeEventListener('keydown', keydown)
      stopPeople()
    }
  }

  /** Goes to a person's caret; the second time follows it, and the third one stops. */
  go(key: string): void {
    if (this.followed === key) this.stop()
    else if (this.gone === key) this.follow(key)
    else if (this.show(key)) this.gone = key
  }

  /** Goes to a person's caret and follows it. */
  follow(key: string): void {
    this.stop()
    if (!this.show(key)) return
    this.followed = key
    this.say(`Following ${this.nameOf(key)}`)
  }

  /** Stops following; false when nobody was followed. */
  stop(): boolean {
    const wasFollowing = this.followed !== null
    this.followed = null
    this.gone = null
    this.say('')
    return wasFollowing
  }

  /** Handles an update of the editor. */
  updated(update: ViewUpdate): void {
    if (this.followed === null && this.gone === null) return
    const isOwn = update.transactions.some(
      (transaction) => transaction.isUserEvent('select') || isTyped(transaction),
    )
    if (isOwn) this.stop()
    else if (
      this.followed !== null &&
      headOf(update.startState, this.followed) !== headOf(update.state, this.followed)
    )
      this.scrollSoon()
  }

  /** Scrolls after the update that is under way. */
  private scrollSoon(): void {
    if (this.isDue) return
    this.isDue = true
    requestAnimationFrame(() => {
      this.isDue = false
      if (this.followed !== null) this.scrollTo(this.followed)
    })
  }

  /** Shows a person's caret with its name; false, and says so, for a person without one. */
  private show(key: string): boolean {
    if (!this.scrollTo(key)) {
      this.say(`${this.nameOf(key)} is not in the text now`)
      this.timer = setTimeout(() => this.say(''), sayTime)
      return false
    }
    this.say('')
    this.view?.dispatch({ effects: flashCaret.of(key) })
    return true
  }

  private scrollTo(key: string): boolean {
    const { view } = this
    const head = view ? headOf(view.state, key) : null
    if (!view || head === null) return false
    // Nothing moves as long as the caret is well in sight.
    const yMargin = view.scrollDOM.clientHeight / 4
    view.dispatch({ effects: EditorView.scrollIntoView(head, { y: 'nearest', yMargin }) })
    return true
  }

  private say(words: string): void {
    clearTimeout(this.timer)
    this.words = words
  }

  private nameOf(key: string): string {
    const person = this.people.find((one) => one.key === key)
    return person ? personWords(person) : ''
  }
}

const isTyped = (transaction: ViewUpdate['transactions'][number]): boolean =>
  ['input', 'delete', 'move', 'undo', 'redo'].some((event) => transaction.isUserEvent(event))

function headOf(state: EditorView['state'], key: string): number | null {
  const carets: readonly PlacedCaret[] = state.field(caretField)
  return carets.find((caret) => caret.key === key)?.head ?? null
}
