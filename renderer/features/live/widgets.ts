import { type EditorView, WidgetType } from '@codemirror/view'
import { toggleTask } from '../lists/toggle-task'

/** A bullet or a number in the gutter of a list. Screen readers have the role of the line instead. */
export class ListMarkWidget extends WidgetType {
  constructor(
    /** Text to draw, such as '•' or '12.'. */
    readonly text: string,
  ) {
    super()
  }

  override eq(other: ListMarkWidget): boolean {
    return other.text === this.text
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('span')
    element.className = 'md-list-mark'
    element.textContent = this.text
    return element
  }
}

/** The box of a task, which a click ticks. Caret and focus stay where they are. */
export class TaskWidget extends WidgetType {
  constructor(
    readonly done: boolean,
    /** It stands in the gutter, in place of a bullet. */
    private readonly inGutter: boolean,
  ) {
    super()
  }

  override eq(other: TaskWidget): boolean {
    return other.done === this.done && other.inGutter === this.inGutter
  }

  override toDOM(view: EditorView): HTMLElement {
    const element = document.createElement('span')
    element.className = this.inGutter ? 'md-task md-task-gutter' : 'md-task'
    element.setAttribute('role', 'checkbox')
    element.setAttribute('aria-checked', String(this.done))
    element.setAttribute('aria-label', 'Done')
    if (view.state.readOnly) element.setAttribute('aria-disabled', 'true')
    element.addEventListener('mousedown', (event) => event.preventDefault())
    element.addEventListener('click', () => toggleTask(view, view.posAtDOM(element)))
    return element
  }

  override ignoreEvent(): boolean {
    return true
  }
}

/** A horizontal rule. */
export class RuleWidget extends WidgetType {
  override eq(): boolean {
    return true
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('span')
    element.className = 'md-hairline'
    element.setAttribute('role', 'separator')
    return element
  }
}

/** A picture that is not shown, by its words. */
export class PictureWidget extends WidgetType {
  constructor(readonly words: string) {
    super()
  }

  override eq(other: PictureWidget): boolean {
    return other.words === this.words
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('span')
    element.className = 'md-picture'
    element.setAttribute('role', 'img')
    element.textContent = this.words === '' ? 'Picture' : `Picture: ${this.words}`
    element.setAttribute('aria-label', element.textContent)
    return element
  }

  override ignoreEvent(): boolean {
    return false
  }
}

/** The real target of a link whose words look like another address. */
export class TargetWidget extends WidgetType {
  constructor(readonly target: string) {
    super()
  }

  override eq(other: TargetWidget): boolean {
    return other.target === this.target
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('span')
    element.className = 'md-target'
    element.textContent = ` (${this.target})`
    return element
  }

  override ignoreEvent(): boolean {
    return false
  }
}
