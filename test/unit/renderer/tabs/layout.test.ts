import { describe, expect, it } from 'vitest'
import { emptyLayout, maxTabs } from '../../../../preload/contract/layout'
import {
  type Arrangement,
  activated,
  canMoveAside,
  chosen,
  closed,
  placed,
  resized,
  shifted,
  shown,
  stepped,
} from '../../../../renderer/features/tabs/layout'

/** Reads 'a (b) c | [d]': a pane on each side of the bar, the tab in front in brackets, square in the active pane. */
function layout(text: string): Arrangement {
  const panes = text.split('|').map((pane) => {
    const words = pane.trim().split(/\s+/).filter(Boolean)
    const front = words.find((word) => /[[(]/.test(word))
    return { tabs: words.map((word) => word.replace(/\W/g, '')), front: front?.replace(/\W/g, '') ?? null }
  })
  return { ...emptyLayout, panes, active: text.split('|')[1]?.includes('[') ? 1 : 0 }
}

const words = ({ panes, active }: Arrangement): string =>
  panes
    .map(({ tabs, front }, index) =>
      tabs
        .map((id) => {
          if (id !== front) return id
          return index === active ? `[${id}]` : `(${id})`
        })
        .join(' '),
    )
    .join(' | ')

describe('what a window shows', () => {
  it.each([
    ['', 'here', '[x]'],
    ['', 'tab', '[x]'],
    ['', 'side', '[x]'],
    ['a [b] c', 'here', 'a [x] c'],
    ['a [b] c', 'tab', 'a b [x] c'],
    ['a [b] c', 'side', 'a (b) c | [x]'],
    ['a [b] x', 'here', 'a b [x]'],
    ['a [b] x', 'tab', 'a b [x]'],
    ['a [b] x', 'side', 'a (b) | [x]'],
    ['[x] b', 'side', '(b) | [x]'],
    ['[x]', 'side', '[x]'],
    ['[a] | (b)', 'here', '[x] | (b)'],
    ['[a] | (b)', 'side', '(a) | b [x]'],
    ['(a) | [b]', 'tab', '(a) | b [x]'],
    ['(a) | [b]', 'side', 'a [x] | (b)'],
    ['(a) x | [b]', 'tab', 'a [x] | (b)'],
    ['[a] | (b) x', 'side', '(a) | b [x]'],
    // The pane that loses its only tab goes.
    ['[x] | (b)', 'side', 'b [x]'],
  ] as const)('%s, shown %s: %s', (before, how, after) => {
    expect(words(shown(layout(before), 'x', how))).toBe(after)
  })

  it('has no more tabs than it may: one more takes the place of the one in front', () => {
    const tabs = Array.from({ length: maxTabs }, (_, index) => `t${index}`)
    const full = { ...emptyLayout, panes: [{ tabs, front: 't7' }] }
    for (const how of ['tab', 'side'] as const) {
      const [pane, other] = shown(full, 'x', how).panes
      expect(pane).toEqual({ tabs: tabs.with(7, 'x'), front: 'x' })
      expect(other).toBeUndefined()
    }
    expect(words(shown(full, 't3', 'side'))).toMatch(/ \| \[t3\]$/)
  })

  it.each([
    ['a [x] c', 'a [c]'],
    ['a [x]', '[a]'],
    ['[a] x', '[a]'],
    ['[x]', ''],
    ['[x] | (b) c', '[b] c'],
    ['(a) | [x]', '[a]'],
    ['[a] | (x)', '[a]'],
    ['(a) | b [x]', '(a) | [b]'],
    ['[a]', '[a]'],
  ])('%s, closed: %s', (before, after) => {
    expect(words(closed(layout(before), 'x'))).toBe(after)
  })

  it.each([
    ['[x] b c', 0, 0, '[x] b c'],
    ['[x] b c', 0, 1, '[x] b c'],
    ['[x] b c', 0, 2, 'b [x] c'],
    ['[x] b c', 0, 3, 'b c [x]'],
    ['[a] b x', 0, 0, '[x] a b'],
    ['[a] x | (b)', 1, 0, '(a) | [x] b'],
    ['[x] | (b)', 1, 1, 'b [x]'],
    ['(a) b | [x]', 0, 1, 'a [x] b'],
    ['[a] x', 1, 0, '(a) | [x]'],
    ['[a]', 0, 1, 'a [x]'],
  ])('%s, placed in %s at %s: %s', (before, pane, index, after) => {
    expect(words(placed(layout(before), 'x', pane, index))).toBe(after)
  })

  it('goes around with the keys, and moves a tab as far as its pane goes', () => {
    expect(words(stepped(layout('a b [c] | (d)'), 1))).toBe('[a] b c | (d)')
    expect(words(stepped(layout('[a] b c'), -1))).toBe('a b [c]')
    expect(words(stepped(layout('(a) | [d] e'), 1))).toBe('(a) | d [e]')
    expect(stepped(emptyLayout, 1)).toBe(emptyLayout)
    expect(words(shifted(layout('a [b] c'), 1))).toBe('a c [b]')
    expect(words(shifted(layout('a [b] c'), -1))).toBe('[b] a c')
    expect(words(shifted(layout('a b [c]'), 1))).toBe('a b [c]')
    expect(words(shifted(layout('[a] b'), -1))).toBe('[a] b')
  })

  it('gives the keyboard to a pane that is there, and each pane some width', () => {
    expect(words(chosen(layout('[a] b | (c)'), 'c'))).toBe('(a) b | [c]')
    expect(words(activated(layout('[a]'), 1))).toBe('[a]')
    expect([resized(emptyLayout, 0).split, resized(emptyLayout, 2).split]).toEqual([0.2, 0.8])
    expect([canMoveAside(layout('[a]'), 'a'), canMoveAside(layout('[a] | (b)'), 'b')]).toEqual([false, true])
  })
})
