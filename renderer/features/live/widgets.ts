import { type EditorView, WidgetType } from '@codemirror/view'
import { WordsWidget } from '../../editor/words-widget'
import { toggleTask } from '../lists/toggle-task'

/** A bullet or a number, such as '•' or '12.', in the gutter of a list. Screen readers have the role of the line instead. */
export class ListMarkWidget extends WordsWidget {
  constructor(mark: string) {
    super('md-list-mark', mark)
  }

  override ignoreEvent(): boolean {
    return true
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

/** A picture that is not shown, by the words for it. */
export class PictureWidget extends WordsWidget {
  constructor(words: string) {
    super('md-picture', words === '' ? 'Picture' : `Picture: ${words}`)
  }

  override toDOM(): HTMLElement {
    const element = super.toDOM()
    element.setAttribute('role', 'img')
    element.setAttribute('aria-label', this.words)
    return element
  }
}

/** The real target of a link whose words look like another address. */
export class TargetWidget extends WordsWidget {
  constructor(target: string) {
    super('md-target', ` (${target})`)
  }
}
