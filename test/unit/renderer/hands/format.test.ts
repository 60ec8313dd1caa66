import { describe, expect, it } from 'vitest'
import { toggleInline } from '../../../../renderer/features/format/inline-commands'
import type { InlineKind } from '../../../../renderer/features/format/inline-kinds'
import { wrapSelection } from '../../../../renderer/features/format/wrap-input'
import { markedText, result, stateOf } from './marked-text'

describe('a key for a format', () => {
  it.each<[InlineKind, string, string]>([
    // Words
    ['bold', 'a ‹word› here', 'a **‹word›** here'],
    ['italic', 'a ‹word› here', 'a *‹word›* here'],
    ['code', 'a ‹word› here', 'a `‹word›` here'],
    ['strike', 'a ‹word› here', 'a ~~‹word›~~ here'],
    ['highlight', 'a ‹word› here', 'a ==‹word›== here'],
    ['bold', 'a wo|rd here', 'a **wo|rd** here'],
    ['bold', 'a word| here', 'a **word**| here'],
    ['bold', 'a |word here', 'a **|word** here'],
    ['bold', "they don|'t know", "they **don|'t** know"],
    ['bold', 'größ|er', '**größ|er**'],
    // Off again
    ['bold', 'a **‹word›** here', 'a ‹word› here'],
    ['bold', 'a ‹**word**› here', 'a ‹word› here'],
    ['bold', 'a **wo|rd** here', 'a wo|rd here'],
    ['bold', 'a **word**| here', 'a word| here'],
    ['italic', 'a *wo|rd* here', 'a wo|rd here'],
    ['italic', 'a _wo|rd_ here', 'a wo|rd here'],
    ['code', 'a `wo|rd` here', 'a wo|rd here'],
    ['strike', 'a ~~wo|rd~~ here', 'a wo|rd here'],
    ['highlight', 'a ==wo|rd== here', 'a wo|rd here'],
    ['bold', '**two wor|ds here**', 'two wor|ds here'],
    ['italic', 'a **word**| here', 'a ***word***| here'],
    ['bold', 'a ==*word*==| here', 'a ==***word***==| here'],
    // Typing on
    ['bold', 'so |', 'so **|**'],
    ['bold', 'so **|**', 'so |'],
    ['italic', 'so **|**', 'so ***|***'],
    ['bold', 'so ***|***', 'so *|*'],
    ['bold', 'so **new|**', 'so **new**|'],
    ['code', '|', '`|`'],
    ['bold', '- |', '- **|**'],
    // Parts
    ['bold', '**one ‹two› three**', '**one** ‹two› **three**'],
    ['bold', '**one ‹two**› three', '**one** ‹two› three'],
    ['bold', '‹one **two**› three', '**‹one two**› three'],
    ['bold', '‹one **two** three›', '**‹one two three›**'],
    ['bold', '**one** ‹two›', '**one** **‹two›**'],
    ['bold', '**one**‹two›', '**one‹two›**'],
    // Blanks at the edges stay outside
    ['bold', 'a‹ word ›here', 'a‹ **word** ›here'],
    ['bold', 'a ‹ › b', 'a ‹ › b'],
    // Formats in formats
    ['bold', '*a ‹b* c›', '*a **‹b*** **c›**'],
    ['italic', '**a ‹b c› d**', '**a *‹b c›* d**'],
    ['italic', '‹**a**›', '*‹**a**›*'],
    ['italic', '**‹a›** b', '***‹a›*** b'],
    ['italic', '**a**‹b›c', '**a***‹b›*c'],
    ['code', '‹a **b** c›', '`‹a` **`b`** `c›`'],
    ['code', '‹a ` b›', '``‹a ` b›``'],
    ['code', '‹`a` b›', '‹`a b›`'],
    [
      'bold',
      'see [the ‹page](https://a.example) and› on',
      'see [the **‹page**](https://a.example) **and›** on',
    ],
    ['bold', 'see ‹[page](https://a.example)› on', 'see **‹[page](https://a.example)›** on'],
    ['bold', 'see `co‹de` and› on', 'see **`co‹de` and›** on'],
    // Beside punctuation
    ['bold', 'x‹(a)›y', 'x‹(**a**)›y'],
    ['bold', '(‹a›)', '(**‹a›**)'],
    ['bold', '‹"a"› b', '**‹"a"›** b'],
    ['bold', 'x‹"a"›', 'x‹"**a**"›'],
    ['bold', 'x‹(**a**)›y', 'x‹(a)›y'],
    ['bold', 'wo‹r›d', 'wo**‹r›**d'],
    ['bold', 'a‹!›b', 'a‹!›b'],
    ['bold', '‹a * b›', '**‹a * b›**'],
    // Blocks
    [
      'bold',
      '‹one\n\n- two\n- [ ] three\n\n# four›',
      '**‹one**\n\n- **two**\n- [ ] **three**\n\n# **four›**',
    ],
    ['bold', '‹one\ntwo› three', '**‹one\ntwo›** three'],
    ['bold', '> ‹one\n> two›', '> **‹one\n> two›**'],
    ['bold', '> one\n‹> two›', '> one\n‹> **two›**'],
    ['bold', '‹one\n\n```\ncode\n```\n\ntwo›', '**‹one**\n\n```\ncode\n```\n\n**two›**'],
    ['bold', '# 1. ‹one›', '# 1. **‹one›**'],
    ['bold', '‹**one**\n\ntwo›', '‹**one**\n\n**two›**'],
    ['bold', '‹**one**\n\n**two**›', '‹one\n\ntwo›'],
    ['bold', '```\nco|de\n```', '```\nco|de\n```'],
    // Several selections
    ['bold', '‹a› b ‹c›', '**‹a›** b **‹c›**'],
    ['bold', '‹a› **b** ‹**c**›', '**‹a›** **b** ‹**c**›'],
    ['bold', 'on|e tw|o', '**on|e** **tw|o**'],
    ['bold', '**on|e** **tw|o**', 'on|e tw|o'],
  ])('%s: %j becomes %j', (kind, before, expected) => {
    expect(result(before, toggleInline(kind))).toBe(expected)
  })
})

describe('a mark typed over selected words', () => {
  it.each([
    ['*', 'a ‹word› here', 'a *‹word›* here'],
    ['`', 'a ‹word› here', 'a `‹word›` here'],
    ['(', 'a ‹word› here', 'a (‹word›) here'],
    ['[', 'a ‹word› here', 'a [‹word›] here'],
    ['"', 'a ‹word› here', 'a "‹word›" here'],
    ['*', 'a *‹word›* here', 'a **‹word›** here'],
    ['*', '‹one\n\ntwo›', '*‹one*\n\n*two›*'],
    ['(', '‹one\n\ntwo›', '(‹one\n\ntwo›)'],
    ['*', '‹a› ‹b›', '*‹a›* *‹b›*'],
  ])('%s: %j becomes %j', (typed, before, expected) => {
    const transaction = wrapSelection(stateOf(before), typed)
    expect(transaction && markedText(transaction.state)).toBe(expected)
  })

  it.each([
    ['x', '‹word›'],
    ['*', 'wo|rd'],
    [')', '‹word›'],
    ['**', '‹word›'],
    ['constructor', '‹word›'],
  ])('but %s in %j is typed as it is', (typed, before) => {
    expect(wrapSelection(stateOf(before), typed)).toBeNull()
  })
})
