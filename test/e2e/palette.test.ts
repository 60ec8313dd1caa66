import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'

const room = new Room()
beforeAll(() => room.open())
afterEach(() => room.clear())
afterAll(() => room.close())

const field = (desk: Desk) => desk.page.getByRole('combobox', { name: 'Go to' })
const selected = (desk: Desk) => desk.page.locator('[role=option][aria-selected=true]')

/** The heading of the group and the words of the selected row, as a screen reader has it. */
const selectedWords = (desk: Desk) =>
  field(desk).evaluate((element) => {
    const row = document.getElementById(element.getAttribute('aria-activedescendant') ?? '')
    const group = row?.closest('[role=group]')?.querySelector('[role=presentation]')
    return row ? `${group?.textContent}: ${row.querySelector('.title')?.textContent}` : ''
  })

/** Opens the palette by its entry in the menu, whose keys the system hands to the program. */
async function goTo(desk: Desk, typed: string): Promise<void> {
  await desk.menu('Go to…')
  await expect.poll(() => field(desk).evaluate((element) => element === document.activeElement)).toBe(true)
  await desk.page.keyboard.type(typed)
}

it('leads to documents, commands and new documents by the keyboard alone', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const { keyboard } = ada.page
  for (const text of ['# Autumn festival plan\n\nbenches', '# Packing list\n\nkettle']) await ada.create(text)

  // Before anything was typed: the document before this one comes first, and this one last.
  await goTo(ada, '')
  await expect.poll(() => selectedWords(ada)).toBe('Recent: Autumn festival plan')
  await keyboard.press('ArrowUp')
  await expect.poll(() => selectedWords(ada)).toBe('Recent: Packing list')
  await keyboard.press('Escape')
  await field(ada).waitFor({ state: 'detached' })
  // The caret is where it was.
  await keyboard.type('!')
  await ada.shows('# Packing list\n\nkettle!')

  // By the beginnings of its words.
  await goTo(ada, 'afp')
  await expect.poll(() => selectedWords(ada)).toBe('Documents: Autumn festival plan')
  await keyboard.press('Enter')
  await ada.shows('# Autumn festival plan\n\nbenches')

  // A command of the text changes it where the caret is.
  await goTo(ada, '>heading 2')
  await expect.poll(() => selectedWords(ada)).toBe('Commands: Heading 2')
  expect(await selected(ada).locator('kbd').textContent()).toBe('Alt 2')
  await keyboard.press('Enter')
  await ada.shows('# Autumn festival plan\n\n## benches')

  await goTo(ada, 'bench')
  await keyboard.press('ArrowUp')
  await expect.poll(() => selectedWords(ada)).toBe('Do: Find “bench” in this document')
  await keyboard.press('Enter')
  await expect.poll(() => ada.page.locator('.find-count').textContent()).toBe('1 of 1')
  await keyboard.press('Escape')

  await goTo(ada, 'Plan (B)')
  await keyboard.press('ArrowUp')
  await keyboard.press('ArrowUp')
  await expect.poll(() => selectedWords(ada)).toBe('Do: New document “Plan (B)”')
  await keyboard.press('Enter')
  await ada.shows('# Plan (B)\n\n')
  await keyboard.type('words')
  await ada.shows('# Plan (B)\n\nwords')
  expect(ada.errors).toEqual([])
})

it('leads to words in texts, at their place', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const { keyboard } = ada.page
  await ada.create(`# Shopping\n\n${'a line\n\n'.repeat(60)}Buy Äpfel, forty kilos`)
  await ada.create('# Other\n\nwords')
  await ada.says('Saved')

  await goTo(ada, 'apfel forty')
  await expect.poll(() => selectedWords(ada)).toBe('In texts: Shopping')
  expect(await selected(ada).locator('.line').textContent()).toBe('Buy Äpfel, forty kilos')
  expect(await selected(ada).locator('mark').allTextContents()).toEqual(['Äpfel', 'forty'])
  await keyboard.press('Enter')
  await expect.poll(() => ada.page.title()).toContain('Shopping')
  // The words are selected and in sight.
  await expect
    .poll(() =>
      ada.page.evaluate(() => [getSelection()?.toString(), document.querySelector('.arrival') !== null]),
    )
    .toEqual(['Äpfel', true])

  // Enter waits for the answer where there was none yet.
  await goTo(ada, '/w[o]rds$/')
  await keyboard.press('Enter')
  await ada.shows('# Other\n\nwords')
  await goTo(ada, '/w[/')
  await ada.page.getByText('This is not a valid regular expression.').waitFor()
  expect(ada.errors).toEqual([])
})
