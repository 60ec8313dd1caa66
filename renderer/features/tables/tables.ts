import { Prec } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { drawnBlocks } from '../blocks/drawn-blocks'
import type { Target } from '../wiki-links/wiki-links.svelte'
import { alignedSource } from './aligned-source'
import { tableLimits } from './limits'
import { insertTable, nextCell, previousCell, rowBelow, typedBar } from './table-keys'
import { tableWidget } from './table-widget'

/**
 * Tables: a grid while the caret is outside, else source with its bars below each other, in which Tab and Enter
 * move between cells. `openLink` gets the address of a link that is clicked in the grid with Ctrl or Command,
 * `openTitle` the title and heading of a link to a document.
 */
export const tables = (
  openLink: (address: string) => void,
  openTitle: (target: Target) => void,
): EditorFeature => ({
  extension: [
    drawnBlocks.of({
      node: 'Table',
      longest: tableLimits.length,
      widget: (source) => tableWidget(source, openLink, openTitle),
    }),
    alignedSource,
    // Within a table alone; everywhere else these keys do what they do.
    Prec.highest(
      keymap.of([
        { key: 'Tab', run: nextCell, shift: previousCell },
        { key: 'Enter', run: rowBelow },
      ]),
    ),
    EditorView.inputHandler.of((view, from, to, text) => text === '|' && from === to && typedBar(view)),
  ],
  commands: { 'insert-table': insertTable },
})
