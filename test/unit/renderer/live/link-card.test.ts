import { EditorState, type TransactionSpec } from '@codemirror/state'
import { type EditorView, showTooltip } from '@codemirror/view'
import { expect, it } from 'vitest'
import { editLink, linkCards } from '../../../../renderer/features/links/link-card'
import { linkPartsAt } from '../../../../renderer/features/links/link-parts'
import { markdownWriting } from '../../../../renderer/features/markdown/markdown'
import { parsed } from './shown'

it('keeps the form at its link while others write directly before it and at its first word', () => {
  const extensions = [markdownWriting.extension ?? [], linkCards(() => undefined)]
  let state = parsed(EditorState.create({ doc: '[a](u1)', extensions }))
  const dispatch = (change: TransactionSpec) => {
    state = parsed(state.update(change).state)
  }
  expect(editLink({ state, dispatch } as unknown as EditorView)).toBe(true)
  dispatch({ changes: { from: 0, insert: 'x [b](u2)' } })
  dispatch({ changes: { from: 10, insert: 'more ' } })
  const form = state.facet(showTooltip).find((tooltip) => tooltip !== null)
  expect(form && linkPartsAt(state, form.pos, [-1])?.url).toBe('u1')
})
