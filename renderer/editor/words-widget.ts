import { WidgetType } from '@codemirror/view'

/** Words drawn in the text that are not written in it. */
export class WordsWidget extends WidgetType {
  constructor(
    private readonly className: string,
    readonly words: string,
  ) {
    super()
  }

  override eq(other: WordsWidget): boolean {
    return other.className === this.className && other.words === this.words
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('span')
    element.className = this.className
    element.textContent = this.words
    return element
  }

  /** A click puts the caret beside the words. */
  override ignoreEvent(): boolean {
    return false
  }
}
