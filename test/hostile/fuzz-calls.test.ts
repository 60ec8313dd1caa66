import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkArguments } from '../../main/electron/calls/arguments'
import { type Calls, callNames } from '../../preload/contract/bridge'
import { forms } from '../support/call-samples'
import { answer, fuzz } from '../support/fuzz'

const id = fc.constantFrom(
  'a1'.repeat(32),
  '0'.repeat(64),
  'A1'.repeat(32),
  `../${'a'.repeat(61)}`,
  '__proto__',
)
const word = fc.oneof(
  fc.string({ maxLength: 20, unit: 'binary' }),
  id,
  fc.constantFrom('write', 'read', 'keep', 'peer', 'program', 'x', 'constructor', '\ud800', '\0'),
  fc.constantFrom(64, 1_000, 1_001, 1_024, 1_025, 4_001, 8_192, 8_193).map((length) => 'x'.repeat(length)),
)
const number = fc.oneof(
  fc.nat(20),
  fc.constantFrom(-1, -0, 0.5, Number.NaN, Infinity, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e308),
)
const scalar = fc.oneof(word, number, fc.boolean(), fc.constantFrom(null, undefined, 7n, new Date(0), /x/))
const part = fc.oneof(
  number,
  fc.array(fc.oneof(number, word), { maxLength: 4 }),
  fc.tuple(fc.nat(9), fc.string()),
)
/** Values that a page can send: nearly valid ones, or anything that structured clone copies. */
const value = fc.oneof(
  scalar,
  fc.record(
    { clientID: word, changes: fc.array(part, { maxLength: 5 }), extra: scalar, toJSON: scalar },
    { requiredKeys: ['clientID', 'changes'] },
  ),
  fc.array(
    fc.oneof(
      fc.record({ clientID: fc.constantFrom('b0', 'peer', 'x-y_z', ''), changes: fc.array(part) }),
      scalar,
    ),
    { maxLength: 4 },
  ),
  fc.record({ version: number, anchor: number, head: number }, { requiredKeys: ['version', 'anchor'] }),
  fc.record({ lan: fc.oneof(fc.boolean(), scalar), bootstrap: fc.oneof(fc.array(word), scalar) }),
  fc.array(id, { maxLength: 3 }),
  fc.nat(40).map((length) => new Array(length)),
  fc.object({ maxDepth: 4 }),
  fc.uint8Array({ maxLength: 70 }),
  fc.dictionary(fc.constantFrom('__proto__', 'lan', 'bootstrap', 'version', 'length'), scalar),
)
const sound: { readonly [Name in keyof Calls]?: fc.Arbitrary<unknown[]> } = {
  pushEdits: fc.tuple(
    id,
    fc.nat(9),
    fc.array(
      fc.record({ clientID: fc.constantFrom('b0', 'peer'), changes: fc.array(part, { maxLength: 4 }) }),
    ),
  ),
  setSelection: fc.tuple(id, fc.record({ version: number, anchor: number, head: number })),
  setPlace: fc.tuple(
    id,
    fc.record({
      anchor: number,
      head: number,
      top: fc.record({ offset: number, distance: number }),
      folds: fc.array(fc.array(number, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
    }),
  ),
  setLayout: fc.tuple(
    fc.record({
      panes: fc.array(
        fc.record({ tabs: fc.array(id, { maxLength: 3 }), front: fc.oneof(id, fc.constant(null)) }),
        { maxLength: 3 },
      ),
      active: fc.constantFrom(0, 1, 2),
      split: fc.double({ min: 0.1, max: 0.9 }),
      outline: fc.boolean(),
    }),
  ),
  search: fc.tuple(fc.record({ text: word, kind: fc.constantFrom('words', 'regexp', 'title') })),
  openExternal: fc.tuple(id, word),
  replaceLinks: fc.tuple(id, fc.array(id, { maxLength: 3 }), fc.boolean()),
  copyLink: fc.tuple(id, word),
  saveBackup: fc.tuple(word, fc.oneof(id, fc.constant(null))),
  openSuccessor: fc.tuple(id, id),
  setPassphrase: fc.tuple(fc.oneof(word, fc.constant(null)), fc.oneof(word, fc.constant(null))),
  setNetwork: fc.tuple(
    fc.record({
      lan: fc.boolean(),
      bootstrap: fc.array(word, { maxLength: 40 }),
      relays: fc.array(word, { maxLength: 40 }),
    }),
  ),
  setSettings: fc.tuple(
    fc.record({
      theme: fc.constantFrom('system', 'dark', 'sepia'),
      font: fc.constantFrom('serif', 'mono', ''),
      size: fc.oneof(fc.integer({ min: 13, max: 25 }), number),
      width: fc.constantFrom('narrow', 'wide', null),
      spelling: fc.array(fc.constantFrom('en', 'de', 'fr'), { maxLength: 3 }),
      selectionBar: fc.boolean(),
      focus: fc.boolean(),
      typewriter: fc.boolean(),
      source: fc.boolean(),
      panel: fc.constantFrom('outline', 'links'),
      searchUnopened: fc.boolean(),
      notify: fc.boolean(),
      notifyDetails: fc.boolean(),
      librarySort: fc.constantFrom('edited', 'created', 'title'),
      libraryTurned: fc.array(fc.constantFrom('archive', 'folder:Choir'), { maxLength: 2 }),
    }),
  ),
  showTextMenu: fc.tuple(
    fc.record({
      isEditable: fc.boolean(),
      isSelected: fc.boolean(),
      canUndo: fc.boolean(),
      canRedo: fc.oneof(fc.boolean(), scalar),
      isMisspelled: fc.boolean(),
      link: fc.oneof(word, fc.constant(null)),
    }),
  ),
}

describe('what a page may have become asks', () => {
  it.each(callNames)('%s: nothing passes that has another form, and nothing else is thrown', (name) => {
    const wanted = forms[name]
    const fitting = fc.tuple(...wanted.map(() => value))
    const given = fc.oneof(fitting, sound[name] ?? fitting, fc.array(value, { maxLength: 4 }))
    let taken = 0
    fuzz(800, given, (args) => {
      const passed = answer(() => checkArguments(name, args), 'REQUEST_INVALID')
      if (!passed) return
      taken++
      expect(passed).toHaveLength(wanted.length)
      for (const [index, form] of wanted.entries()) expect(form(passed[index]), String(index)).toBe(true)
    })
    expect(taken).toBeGreaterThan(0)
  })
})
