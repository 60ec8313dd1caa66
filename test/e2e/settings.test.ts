import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

/** Shows the theme of the program: Playwright would show that of its own. */
const useOwnTheme = async ({ page }: Desk) => {
  await page.emulateMedia({ colorScheme: null })
}

const dialog = ({ page }: Desk) => page.getByRole('dialog', { name: 'Settings' })

/** How a window shows text: its ground, typeface, size in px, and the width of a line in em, to tens. */
async function look({ page }: Desk) {
  return page.evaluate(() => {
    const content = document.querySelector<HTMLElement>('.cm-content') as HTMLElement
    const { fontFamily, fontSize, paddingLeft, paddingRight } = getComputedStyle(content)
    const size = Number.parseFloat(fontSize)
    const sides = Number.parseFloat(paddingLeft) + Number.parseFloat(paddingRight)
    return {
      ground: getComputedStyle(document.body).backgroundColor,
      font: fontFamily.split(',')[0],
      size,
      width: Math.round((content.clientWidth - sides) / size / 10) * 10,
    }
  })
}

/** Distance of the caret's line from the middle of the text's window, in px. */
const fromMiddle = ({ page }: Desk) =>
  page.evaluate(() => {
    const scroller = document.querySelector('.cm-scroller')?.getBoundingClientRect() as DOMRect
    const caret = getSelection()?.getRangeAt(0).getBoundingClientRect() as DOMRect
    return Math.abs(caret.top + caret.height / 2 - (scroller.top + scroller.height / 2))
  })

it('settings hold at once in all windows, and after a restart', async () => {
  const first = await room.desk()
  await useOwnTheme(first)
  // The first screen has the same field, and the same error.
  await first.page.getByRole('button', { name: 'Start' }).click()
  const missing = first.page.getByRole('alert').filter({ hasText: 'Please write a name' })
  expect(await missing.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(164, 38, 44)')
  await first.introduce('Ada')
  const paragraphs = Array.from({ length: 60 }, (_, index) => `Paragraph ${index + 1}.`).join('\n\n')
  await first.create()
  await first.page.keyboard.insertText(paragraphs)
  const second = await first.newWindow()
  await second.page.getByRole('button', { name: /^Paragraph 1/ }).click()
  await second.editor.waitFor()
  await expect
    .poll(() => look(second))
    .toMatchObject({ font: '"Source Serif 4 Variable"', size: 18, width: 40 })

  await useOwnTheme(first)
  await useOwnTheme(second)
  // A name that is too long is kept as typed, and its error is one: in its colour, and read with the field.
  const name = first.page.getByLabel('Your name')
  await first.page.getByRole('button', { name: /Change/ }).click()
  for (const [typed, error] of [
    ['x'.repeat(200), /^This name is too long: 64 letters/],
    [' ', /^Please write a name/],
  ] as const) {
    await name.fill(typed)
    await first.page.keyboard.press('Enter')
    const told = first.page.getByRole('alert').filter({ hasText: error })
    await told.waitFor()
    expect(await name.inputValue()).toBe(typed)
    expect(await name.getAttribute('aria-describedby')).toBe(await told.getAttribute('id'))
    expect(await told.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(164, 38, 44)')
  }
  await first.page.keyboard.press('Escape')

  // The line of status counts words, those selected too.
  const counted = (words: string) => first.page.locator('footer').getByText(words, { exact: true }).waitFor()
  await first.editor.focus()
  await first.page.keyboard.press('Control+Home')
  await counted('120 words · 1 min')
  await counted('Line 1')
  await first.page.keyboard.press('Shift+ArrowDown')
  await counted('2 words selected')
  await counted('Line 2')

  await first.menu('Settings…')
  await dialog(first).waitFor()
  // By keyboard: the field finds a setting, and the arrow keys choose.
  await first.page.keyboard.type('theme')
  await expect.poll(() => dialog(first).getByRole('radiogroup').count()).toBe(1)
  await first.page.keyboard.press('Tab')
  await first.page.keyboard.press('ArrowRight')
  await first.page.keyboard.press('ArrowRight')
  await expect.poll(async () => (await look(second)).ground).toBe('rgb(25, 29, 27)')
  await expect.poll(async () => (await look(first)).ground).toBe('rgb(25, 29, 27)')
  expect(await first.app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors)).toBe(true)
  await first.page.keyboard.press('Shift+Tab')
  await first.page.keyboard.press('Escape')
  await dialog(first).getByText('Mono', { exact: true }).click()
  await dialog(first).getByText('Narrow', { exact: true }).click()
  await dialog(first).getByRole('checkbox', { name: 'Deutsch' }).check()
  await dialog(first).getByRole('switch', { name: 'Focus mode' }).click()
  await first.page.keyboard.press('Escape')
  await dialog(first).waitFor({ state: 'detached' })
  await second.page.keyboard.press('Control+=')
  await second.menu('Larger text')
  const shown = { ground: 'rgb(25, 29, 27)', font: 'ui-monospace', size: 20, width: 30 }
  for (const desk of [first, second]) await expect.poll(() => look(desk)).toEqual(shown)

  // Focus mode dims all but the paragraph at the caret.
  await first.editor.focus()
  await first.page.keyboard.press('Control+Home')
  const opacities = () =>
    first.editor
      .locator('.cm-line')
      .evaluateAll((lines) => lines.slice(0, 3).map((line) => getComputedStyle(line).opacity))
  await expect.poll(opacities).toEqual(['1', '0.38', '0.38'])
  await first.page.keyboard.press('Control+ArrowDown')
  await first.menu('Typewriter mode')
  await first.page.keyboard.press('Control+End')
  await first.page.keyboard.type(' More.')
  await expect.poll(() => fromMiddle(first)).toBeLessThan(16)
  const checked = () =>
    first.app.evaluate(({ Menu }) =>
      (Menu.getApplicationMenu()?.items ?? []).flatMap((item) =>
        (item.submenu?.items ?? []).filter((entry) => entry.checked).map((entry) => entry.label),
      ),
    )
  await expect.poll(checked).toEqual(['&Focus mode', '&Typewriter mode'])
  expect([...first.errors, ...second.errors]).toEqual([])

  await second.leave()
  expect(await first.quit()).toBe(0)
  const again = await room.desk({ profile: first.profile })
  await useOwnTheme(again)
  // Before the profile is read: the window itself has the theme.
  expect(await again.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark')
  await again.page.getByRole('button', { name: /^Paragraph 1/ }).click()
  await again.editor.waitFor()
  await expect.poll(() => look(again)).toEqual(shown)
  await again.menu('Usual text size')
  await expect.poll(async () => (await look(again)).size).toBe(18)
  await again.menu('Settings…')
  await dialog(again).getByRole('switch', { name: 'Typewriter mode', checked: true }).waitFor()
  await dialog(again).getByRole('checkbox', { name: 'Deutsch', checked: true }).waitFor()
  expect(again.errors).toEqual([])
})
