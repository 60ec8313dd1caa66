import { expect, it } from 'vitest'
import { hasTab, leftTabs } from '../../../main/electron/left-tabs'
import { emptyLayout, type WindowLayout } from '../../../preload/contract/layout'

const layoutOf = (...panes: string[][]): WindowLayout => ({
  ...emptyLayout,
  panes: panes.map((tabs) => ({ tabs, front: tabs[0] ?? null })),
})

it('documents are left once they have a tab in no pane', () => {
  expect(leftTabs(null, layoutOf(['a']))).toEqual([])
  expect(leftTabs(layoutOf(['a', 'b']), layoutOf(['b'], ['a']))).toEqual([])
  expect(leftTabs(layoutOf(['a'], ['b', 'c']), layoutOf(['c']))).toEqual(['a', 'b'])
  expect([hasTab(layoutOf([], ['a']), 'a'), hasTab(layoutOf(['b']), 'a')]).toEqual([true, false])
})
