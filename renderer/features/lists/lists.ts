import { keymap } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { deleteMark } from './backspace'
import { continueItem, continueList } from './enter'
import { indentItems, outdentItems } from './indent'
import { moveDown, moveUp } from './move'
import { tidyNumbers } from './tidy-numbers'
import { toggleList } from './toggle-list'
import { toggleTask } from './toggle-task'

/** Lists, tasks and quotes under the hands: Enter, Backspace, Tab, moving, ticking, and commands that make them. */
export const lists: EditorFeature = {
  // These keys do something else in each element: the first feature that has a use for one takes it.
  extension: keymap.of([
    { key: 'Enter', run: continueList, shift: continueItem },
    { key: 'Backspace', run: deleteMark },
    { key: 'Tab', run: indentItems, shift: outdentItems },
  ]),
  commands: {
    'bullet-list': toggleList('bullet'),
    'numbered-list': toggleList('number'),
    'task-list': toggleList('task'),
    'tidy-numbers': tidyNumbers,
    'toggle-task': (view) => toggleTask(view, view.state.selection.main.head),
    'indent-more': indentItems,
    'indent-less': outdentItems,
    'move-line-up': moveUp,
    'move-line-down': moveDown,
  },
}
