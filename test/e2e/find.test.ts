import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

const room = new Room()
beforeAll(() => room.open(), patience)
afterAll(() => room.close(), patience)

const field = (desk: Desk, label: string) => desk.page.getByLabel(label, { exact: true })
const marked = (desk: Desk) => desk.editor.locator('.cm-searchMatch').allTextContents()
const says = (desk: Desk, words: string) =>
  expect.poll(() => desk.page.getByRole('search').textContent(), { timeout: patience }).toContain(words)

it('finds and replaces by a regular expression, which never stops the window', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create()
  const dates = (...all: string[]) => `from ${all[0]} to ${all[1]}, not ${all[2]}`
  await ada.paste(dates('2026-11-30', '2026-12-24', '2027-01-06'))
  await ada.find('(\\d+)-(\\d+)-(\\d+)')
  await says(ada, 'None')
  await field(ada, 'Regular expression').check()
  await says(ada, '3 found')
  expect(await marked(ada)).toEqual(['2026-11-30', '2026-12-24', '2027-01-06'])

  // From match to match, over the ends of the text
  await field(ada, 'Find in document').focus()
  for (const [key, words] of [
    ['Shift+Enter', '3 of 3'],
    ['Enter', '1 of 3'],
    ['F3', '2 of 3'],
    ['Shift+F3', '1 of 3'],
  ] as const) {
    await ada.page.keyboard.press(key)
    await says(ada, words)
  }

  // The expression stays while the strip is closed, and where a match of it is selected
  await ada.page.keyboard.press('Escape')
  await expect.poll(() => ada.page.getByRole('search').count()).toBe(0)
  await ada.page.keyboard.press('F3')
  await says(ada, '2 of 3')
  for (const close of [false, true]) {
    if (close) await ada.page.keyboard.press('Escape')
    await ada.menu('Find…')
    await ada.findIsReady()
    expect(await field(ada, 'Find in document').inputValue()).toBe('(\\d+)-(\\d+)-(\\d+)')
    expect(await field(ada, 'Regular expression').isChecked()).toBe(true)
    await says(ada, '2 of 3')
  }
  await ada.page.keyboard.press('Shift+Enter')
  await says(ada, '1 of 3')

  // Groups in what replaces a match; undo takes all of 'Replace all' back
  await field(ada, 'Replace with').fill('$3.$2.$1')
  await ada.press('Replace')
  await ada.holds(dates('30.11.2026', '2026-12-24', '2027-01-06'))
  await says(ada, '1 of 2')
  await ada.press('Replace all')
  await ada.holds(dates('30.11.2026', '24.12.2026', '06.01.2027'))
  await says(ada, 'None')
  await ada.editor.focus()
  await ada.page.keyboard.press('Control+z')
  await ada.holds(dates('30.11.2026', '2026-12-24', '2027-01-06'))
  await says(ada, '1 of 2')

  // Invalid and endless expressions say so; words are typed and shown meanwhile
  await field(ada, 'Find in document').fill('(a')
  await says(ada, 'This is not a valid regular expression.')
  await ada.editor.focus()
  await ada.page.keyboard.press('Control+End')
  await ada.page.keyboard.type(`\n${'a'.repeat(40)}`)
  await field(ada, 'Find in document').fill('(a+)+!')
  await ada.editor.focus()
  await ada.page.keyboard.type(' word')
  await ada.shows(`${dates('30.11.2026', '2026-12-24', '2027-01-06')}\n${'a'.repeat(40)} word`)
  await says(ada, 'This regular expression takes too long. Try a simpler one.')
  await field(ada, 'Find in document').fill('A{40}')
  await says(ada, '1 found')
  await field(ada, 'Match case').check()
  await says(ada, 'None')

  // Words are replaced as they stand
  await field(ada, 'Regular expression').uncheck()
  await field(ada, 'Find in document').fill('.')
  await field(ada, 'Replace with').fill('$&')
  await ada.press('Replace all')
  await ada.holds(`${dates('30$&11$&2026', '2026-12-24', '2027-01-06')}\n${'a'.repeat(40)} word`)
  expect(ada.errors).toEqual([])
})
