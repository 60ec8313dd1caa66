import { describe, expect, it } from 'vitest'
import { deleteMark } from '../../../../renderer/features/lists/backspace'
import { continueItem, continueList } from '../../../../renderer/features/lists/enter'
import { indentItems, outdentItems } from '../../../../renderer/features/lists/indent'
import { moveDown, moveUp } from '../../../../renderer/features/lists/move'
import { tidyNumbers } from '../../../../renderer/features/lists/tidy-numbers'
import { result, stateOf } from './marked-text'

describe('Enter', () => {
  it.each([
    // Goes on
    ['- a|', '- a\n- |'],
    ['* a|', '* a\n* |'],
    ['- a|b', '- a\n- |b'],
    ['- a |b', '- a\n- |b'],
    ['- a| b', '- a\n- |b'],
    ['- |a', '- \n- |a'],
    ['1. a|', '1. a\n2. |'],
    ['1) a|', '1) a\n2) |'],
    ['9. a|', '9. a\n10. |'],
    ['- [x] a|', '- [x] a\n- [ ] |'],
    ['1. [ ] a|', '1. [ ] a\n2. [ ] |'],
    ['> a|', '> a\n> |'],
    ['> - a|', '> - a\n> - |'],
    ['- > a|', '- > a\n  > |'],
    ['- a\n  - b|', '- a\n  - b\n  - |'],
    ['-   a|', '-   a\n-   |'],
    ['- a ‹b c› d', '- a\n- |d'],
    ['- a\n\n- b|', '- a\n\n- b\n\n- |'],
    ['- a\n  more|', '- a\n  more\n- |'],
    ['- a\n\n  more|', '- a\n\n  more\n  |'],
    ['- 1. a|', '- 1. a\n  2. |'],
    ['> > a|', '> > a\n> > |'],
    ['- a|\n  - b', '- a\n- |\n  - b'],
    // The numbers of other lines stay
    ['1. a\n2. b|\n3. c\n4. d', '1. a\n2. b\n3. |\n3. c\n4. d'],
    ['1. a|\n1. b', '1. a\n2. |\n1. b'],
    ['999999999. a|', '999999999. a\n999999999. |'],
    // In code
    ['> ```\n> a|\n> ```', '> ```\n> a\n> |\n> ```'],
    ['- ```\n    a|\n  ```', '- ```\n    a\n    |\n  ```'],
    ['> ```\n> |\n> ```', '> ```\n> \n> |\n> ```'],
    ['```yaml\n- |\n```', '```yaml\n- |\n```'],
    ['```diff\n- |', '```diff\n- |'],
    ['---\ntags:\n- |\n---', '---\ntags:\n- |\n---'],
    ['words\n\n    - |', 'words\n\n    - |'],
    ['- ```yaml\n  - |\n  ```', '- ```yaml\n  - \n  |\n  ```'],
    // Leaves
    ['- a\n- |', '- a\n\n|'],
    ['- |', '|'],
    ['1. |', '|'],
    ['- [ ] |', '|'],
    ['- [ ] a\n- [ ] |', '- [ ] a\n\n|'],
    ['- a\n  - |', '- a\n- |'],
    ['1. a\n   - |', '1. a\n2. |'],
    ['- [x] a\n  - |', '- [x] a\n- [ ] |'],
    ['- a\n\n- |', '- a\n\n|'],
    ['- a\n- |\n- c', '- a\n\n|\n\n- c'],
    ['1. a\n2. |\n3. c', '1. a\n\n|\n\n3. c'],
    ['> a\n> |', '> a\n\n|'],
    ['> |', '|'],
    ['> > a\n> > |', '> > a\n>\n> |'],
    ['> - a\n> - |', '> - a\n>\n> |'],
    ['- > a\n  > |', '- > a\n\n  |'],
    ['- - |', '- |'],
    ['words\n- |', 'words\n|'],
    // Elsewhere it is not this command's
    ['words|', 'words|'],
    ['|- a', '|- a'],
    ['# a|', '# a|'],
    // Several carets
    ['- a|\n- b|', '- a\n- |\n- b\n- |'],
    ['- a|\n\nwords|', '- a\n- |\n\nwords\n|'],
  ])('in %j makes %j', (before, expected) => expect(result(before, continueList)).toBe(expected))

  it.each(['- a|', '1. a|', '- [ ] a|', '> a|', 'x\n\n- a|', '> - a|'])(
    'twice leaves the list or quote of %j, so that words typed then stand outside',
    (before) => {
      const left = result(before, continueList, continueList).replace('|', '')
      const level = before.startsWith('> -') ? '> ' : ''
      expect(left).toBe(`${before.replace('|', '')}\n${level.trim()}\n${level}`)
    },
  )

  it('takes no longer in each further level of a list', () => {
    const levels = Array.from({ length: 24 }, (_, level) => `${'  '.repeat(level)}- a`)
    const state = stateOf(`${levels.join('\n')}|`)
    const before = process.cpuUsage()
    continueList({ state, dispatch: () => {} })
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(200)
  })

  it('with Shift stays in the item', () => {
    expect(result('- a|', continueItem)).toBe('- a\n  |')
    expect(result('> 1. a|b', continueItem)).toBe('> 1. a\n>    |b')
  })
})

describe('Backspace', () => {
  it.each([
    ['- |a', '|a'],
    ['- |', '|'],
    ['- x\n- |a', '- x\n  |a'],
    ['- x\n  |a', '- x\n|a'],
    ['1. x\n2. |a', '1. x\n   |a'],
    ['- [ ] |a', '|a'],
    ['- x\n- [ ] |a', '- x\n  |a'],
    ['- x\n  - |a', '- x\n  |a'],
    ['> |a', '|a'],
    ['> > |a', '> |a'],
    ['> - |a', '> |a'],
    ['## |a', '|a'],
    ['## |', '|'],
    ['- # |a', '- |a'],
    ['- |a\n- b', '|a\n- b'],
    // Elsewhere a character is deleted, which is not this command's
    ['- a|', '- a|'],
    ['|- a', '|- a'],
    ['-| a', '-| a'],
    ['a # |b', 'a # |b'],
    ['```\n- |a\n```', '```\n- |a\n```'],
    ['- ‹a›', '- ‹a›'],
    ['- |a\n\n- |b', '|a\n\n  |b'],
  ])('in %j makes %j', (before, expected) => expect(result(before, deleteMark)).toBe(expected))
})

describe('Tab', () => {
  it.each([
    ['- a\n- b|', '- a\n  - b|'],
    ['- a\n- b|\n  - c\n- d', '- a\n  - b|\n    - c\n- d'],
    ['- a\n- b|\n\n  more\n\n  ```\n  code\n  ```', '- a\n  - b|\n\n    more\n\n    ```\n    code\n    ```'],
    ['- a\n- ‹b\n- c›\n- d', '- a\n  - ‹b\n  - c›\n- d'],
    ['- a\n- ‹b\n  - c›', '- a\n  - ‹b\n    - c›'],
    ['- a\n- ‹b\n›- c', '- a\n  - ‹b\n›- c'],
    ['1. a\n2. b|\n3. c', '1. a\n   1. b|\n3. c'],
    ['1. a\n   1. x\n2. b|', '1. a\n   1. x\n   2. b|'],
    ['1. a\n2. ‹b\n3. c›\n4. d', '1. a\n   1. ‹b\n   2. c›\n4. d'],
    ['9. a\n10. b|\n    - c', '9. a\n   1. b|\n      - c'],
    ['> - a\n> - b|', '> - a\n>   - b|'],
    ['- a\n    - x\n- b|', '- a\n    - x\n    - b|'],
    ['- [ ] a\n- [ ] b|', '- [ ] a\n  - [ ] b|'],
    ['- a\n- |', '- a\n  - |'],
    ['- a\n\t- x\n- b|\n\t- c', '- a\n\t- x\n    - b|\n        - c'],
    // Nothing to be a child of
    ['- a|\n- b', '- a|\n- b'],
    ['- ‹a\n- b›', '- ‹a\n- b›'],
    // In words
    ['one |two', 'one \t|two'],
    ['|one', '|one'],
    ['|', '|'],
    ['‹one› two', '‹one› two'],
  ])('in %j makes %j', (before, expected) => expect(result(before, indentItems)).toBe(expected))

  it.each([
    ['- a\n  - b|', '- a\n- b|'],
    ['- a\n  - b|\n    - c', '- a\n- b|\n  - c'],
    ['1. a\n   1. b|\n2. c', '1. a\n2. b|\n2. c'],
    ['1. a\n   1. ‹b\n   2. c›', '1. a\n2. ‹b\n3. c›'],
    ['> - a\n>   - b|', '> - a\n> - b|'],
    ['- a\n\t- b|\n\t\t- c', '- a\n- b|\n    - c'],
    ['- a\n  - b\n    - c|', '- a\n  - b\n  - c|'],
    ['- a|', '- a|'],
    ['- - a|', '- - a|'],
    ['one\t|two', 'one|two'],
    ['|one', '|one'],
  ])('with Shift in %j makes %j', (before, expected) => expect(result(before, outdentItems)).toBe(expected))
})

describe('Alt and an arrow', () => {
  it.each([
    ['- a\n- b|', '- b|\n- a'],
    ['- a\n  - x\n- b|\n  - y\n- c', '- b|\n  - y\n- a\n  - x\n- c'],
    ['1. a\n2. b|\n3. c', '1. b|\n2. a\n3. c'],
    ['1. a\n2. ‹b\n3. c›', '1. ‹b\n2. c›\n3. a'],
    ['9. a\n10. b|', '10. b|\n9. a'],
    ['- a\n\n- b|', '- b|\n\n- a'],
    ['- a\n  - x\n  - y|', '- a\n  - y|\n  - x'],
    ['- a\n  - x|', '- a\n  - x|'],
    ['- a\n- b\n\n  more|', '- b\n\n  more|\n- a'],
    ['words\n\n- a|\n  - b', 'words\n- a|\n  - b\n'],
    ['> - a\n> - b|', '> - b|\n> - a'],
    ['one\ntwo|', 'two|\none'],
    ['- a|', '- a|'],
    ['- - a\n  - b|', '- - a\n  - b|'],
    ['- - a\n  - b\n  - c|', '- - a\n  - c|\n  - b'],
    ['1. > - a\n   > - b|', '1. > - a\n   > - b|'],
  ])('up moves %j to %j', (before, expected) => expect(result(before, moveUp)).toBe(expected))

  it.each([
    ['- a|\n- b', '- b\n- a|'],
    ['- |a\n  - x\n- b', '- b\n- |a\n  - x'],
    ['1. a|\n2. b', '1. b\n2. a|'],
    ['- a\n  - x|\n  - y\n- b', '- a\n  - y\n  - x|\n- b'],
    ['- a|\n\nwords', '\n- a|\nwords'],
    ['- - a|\n  - b', '- - a|\n  - b'],
    ['on|e\ntwo', 'two\non|e'],
    ['- a|', '- a|'],
  ])('down moves %j to %j', (before, expected) => expect(result(before, moveDown)).toBe(expected))
})

describe('tidying the numbers', () => {
  it.each([
    ['1. a\n44. b|\n55. c', '1. a\n2. b|\n3. c'],
    ['3. a\n3. b|', '3. a\n4. b|'],
    ['1. a\n1. b\n\nwords|\n\n5. c\n5. d', '1. a\n2. b\n\nwords|\n\n5. c\n6. d'],
    ['1. a|\n1. b\n\nwords\n\n5. c\n5. d', '1. a|\n2. b\n\nwords\n\n5. c\n5. d'],
    ['9. a\n9. b|\n   - c', '9. a\n10. b|\n    - c'],
    ['1. a\n   1. x\n   1. y\n1. b|', '1. a\n   1. x\n   2. y\n2. b|'],
    ['9. a\n9. b\n   9. x\n   9. y|\n      - z', '9. a\n10. b\n    9. x\n    10. y|\n        - z'],
    ['10. a\n1. b|\n   - c', '10. a\n11. b|\n    - c'],
    ['- a|', '- a|'],
    ['1. a\n100. 1. b|\n     100. c\n lazy words', '1. a\n2. 1. b|\n   2. c\nlazy words'],
  ])('in %j makes %j', (before, expected) => expect(result(before, tidyNumbers)).toBe(expected))
})
