import { expect, it } from 'vitest'
import { noteText, titleOf } from '../../../main/files/note'
import { NoteNames, withTitleLinks } from '../../../main/files/note-links'

const names = new NoteNames([
  { place: 'Daily/2026-11-30', title: '2026-11-30' },
  { place: 'Projects/Boat', title: 'The boat' },
  { place: 'Archive/Boat', title: 'Old boat' },
  { place: 'Brackets', title: 'A [b] | c' },
])

const linked = (text: string, place = 'Projects/Plan') => withTitleLinks(text, place, names)

it.each([
  ['[[Boat]]', '[[The boat|Boat]]'],
  ['[[boat|our boat]]', '[[The boat|our boat]]'],
  ['[[Archive/Boat]]', '[[Old boat|Archive/Boat]]'],
  ['[[Boat#Sails]]', '[[The boat#Sails|Boat#Sails]]'],
  ['[[2026-11-30]]', '[[2026-11-30]]'],
  ['[[Brackets]]', '[[A b c|Brackets]]'],
  ['[words](Boat.md)', '[[The boat|words]]'],
  ['[The boat](./Boat.md)', '[[The boat]]'],
  ['[a **bold** word](../Archive/Boat.md#Old%20sails)', '[[Old boat#Old sails|a bold word]]'],
  ['[x](<../Daily/2026-11-30.md>)', '[[2026-11-30|x]]'],
])('%s becomes %s', async (text, expected) => {
  expect(await linked(`Before ${text}, after.`)).toBe(`Before ${expected}, after.`)
})

it.each([
  '[[Unknown]]',
  '![[Boat]]',
  '![picture](Boat.md)',
  '`[[Boat]]`',
  '[x](https://example.org/Boat.md)',
  '[x](../../Boat.md)',
  '[x](/Projects/Boat.md)',
  '[x](Boat.pdf)',
  '[x](%ff.md)',
  '[[#Heading]]',
])('%s stays', async (text) => {
  expect(await linked(`Before ${text}, after.`)).toBe(`Before ${text}, after.`)
})

it('links several in one text, and none in code', async () => {
  const text = '```\n[[Boat]]\n```\n\n- [[Boat]] and [[Boat]]\n'
  expect(await linked(text)).toBe('```\n[[Boat]]\n```\n\n- [[The boat|Boat]] and [[The boat|Boat]]\n')
})

it.each([
  ['# The boat\n\nSails.', '# The boat\n\nSails.', 'The boat'],
  ['The boat\n====\n\nSails.', 'The boat\n====\n\nSails.', 'The boat'],
  ['Sails.\n\n# Later', '# Boat\n\nSails.\n\n# Later', 'Boat'],
  ['## Sails', '# Boat\n\n## Sails', 'Boat'],
  ['', '# Boat\n\n', 'Boat'],
  ['---\ntags: [a]\n---\n\nSails.', '---\ntags: [a]\n---\n\n# Boat\n\nSails.', 'Boat'],
  ['---\ntags: [a]\n---\n# The boat\n', '---\ntags: [a]\n---\n# The boat\n', 'The boat'],
])('%j gets a title where it has none', (text, expected, title) => {
  expect(noteText(text, 'Boat')).toBe(expected)
  expect(titleOf(expected)).toBe(title)
})
