import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

const room = new Room()
beforeAll(() => room.open())
afterAll(() => room.close())

const parts = [1, 2, 3, 4].map((part) => {
  const paragraphs = Array.from(
    { length: 20 },
    (_, index) => `Paragraph ${part}.${index} is read for a while.\n\n`,
  )
  return `## Part ${part}\n\n${paragraphs.join('')}- item ${part}\n  - child ${part}\n`
})
const plan = `# Plan\n\n${parts.join('\n')}`

const outlineOf = (desk: Desk) => desk.page.getByRole('complementary', { name: 'Outline' })

const hasKeyboard = (desk: Desk) => desk.editor.evaluate((element) => element === document.activeElement)

/** The first line in sight with words, and its distance from the upper edge in px. */
const topOf = (desk: Desk) =>
  desk.page.evaluate(() => {
    const edge = document.querySelector('.cm-scroller')?.getBoundingClientRect().top ?? 0
    const lines = Array.from(document.querySelectorAll('.cm-line'))
    const first = lines.find((line) => line.getBoundingClientRect().top >= edge && line.textContent)
    return `${first?.textContent} at ${Math.round((first?.getBoundingClientRect().top ?? 0) - edge)}`
  })

/** Waits until a line is at the upper edge, to 3 px: headings grow when their typeface has loaded. */
const staysAt = async (desk: Desk, top: string): Promise<void> => {
  const [line, distance] = top.split(' at ')
  const isThere = async () => {
    const [now, off] = (await topOf(desk)).split(' at ')
    return now === line && Math.abs(Number(off) - Number(distance)) <= 3
  }
  await expect.poll(isThere).toBe(true)
}

/** Text of the line that the caret stands in. */
const caretLine = (desk: Desk) =>
  desk.page.evaluate(() => {
    const node = document.getSelection()?.focusNode
    const element = node instanceof Element ? node : node?.parentElement
    return element?.closest('.cm-line')?.textContent ?? ''
  })

const folds = (desk: Desk) => desk.page.getByRole('button', { name: 'Folded. Show it' }).count()

/** Shows a document by the library, and waits until its text is there. */
async function choose(desk: Desk, title: string, words: string): Promise<void> {
  await desk.page.getByRole('navigation', { name: 'Documents' }).getByRole('button', { name: title }).click()
  await desk.editor.getByText(words).first().waitFor()
}

it('finds each document again as it was left, also when others wrote in it and after a restart', {
  timeout: patience,
}, async () => {
  const ada = await room.desk({ name: 'Ada' })
  await (await ada.app.browserWindow(ada.page)).evaluate((window) => window.setContentSize(1280, 800))
  await ada.create('# Other\nother words')
  await ada.create()
  await ada.paste(plan)
  await expect.poll(() => ada.text()).toBe(plan)
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(await ada.link())
  await ben.holds(plan)

  // The outline leads to a part, whose list is folded; a word is typed in the part before.
  await ada.menu('Outline')
  const current = outlineOf(ada).locator('[aria-current]')
  await expect.poll(() => current.textContent()).toContain('Part 4')
  await ada.page.keyboard.press('ArrowUp')
  await ada.page.keyboard.press('ArrowUp')
  await ada.page.keyboard.press('Enter')
  await expect.poll(() => hasKeyboard(ada)).toBe(true)
  await expect.poll(() => current.textContent()).toContain('Part 2')
  expect(await topOf(ada)).toMatch(/Part 2 at (2[0-9])$/)
  await ada.page.keyboard.press('ArrowDown')
  await ada.page.keyboard.press('ArrowDown')
  await ada.page.keyboard.press('End')
  await ada.page.keyboard.type(' MINE')
  await outlineOf(ada).getByRole('button', { name: 'Part 3' }).click()
  await ada.page.keyboard.press('Control+Shift+BracketLeft')
  await expect.poll(() => folds(ada)).toBe(1)
  await ada.page.keyboard.press('ArrowUp')
  await ada.page.keyboard.press('ArrowUp')
  await ada.page.keyboard.press('End')
  expect(await caretLine(ada)).toMatch(/child 2/)
  const top = await topOf(ada)

  // It is left in the moment of a key, with the caret in it.
  const text = (await ada.text()).replace('child 2', 'child 2x')
  await ada.page.evaluate(() => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', 'x')
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    document.querySelector('.cm-content')?.dispatchEvent(paste)
    document
      .querySelector<HTMLElement>('nav[aria-label="Documents"] button:not([aria-current="true"])')
      ?.click()
  })
  await ada.editor.getByText('other words').waitFor()
  await ben.holds(text)
  await ben.type('', 'caret')
  await ben.page.keyboard.press('Control+Home')
  await ben.page.keyboard.type('Ben at the top.\n\n')
  await ben.find('Paragraph 3.5')
  await ben.page.keyboard.press('Enter')
  await ben.page.keyboard.press('Escape')
  await ben.page.keyboard.press('End')
  await ben.page.keyboard.type(' Ben in the fold.')
  const both = text
    .replace('# Plan', 'Ben at the top.\n\n# Plan')
    .replace('3.5 is read for a while.', '$& Ben in the fold.')
  await ben.holds(both)

  await choose(ada, 'Plan', 'Part 3')
  await ada.holds(both)
  expect(await caretLine(ada)).toMatch(/child 2x/)
  await staysAt(ada, top.replace('child 2', 'child 2x'))
  expect(await folds(ada)).toBe(1)
  await ada.page.keyboard.press('Control+z')
  await ada.holds(both.replace('child 2x', 'child 2'))
  await ada.page.keyboard.press('Control+z')
  await ada.holds(both.replace('child 2x', 'child 2').replace(' MINE', ''))
  await ada.page.keyboard.press('Control+y')
  await ada.page.keyboard.press('Control+y')
  await ada.holds(both)

  // A match of the search opens what it is in; a dialog gives the keyboard back.
  await ada.find('Ben in the fold')
  await ada.page.keyboard.press('Enter')
  await expect.poll(() => folds(ada)).toBe(0)
  await ada.page.keyboard.press('Escape')
  await outlineOf(ada).getByRole('button', { name: 'Part 3' }).click()
  await ada.page.keyboard.press('Control+Shift+BracketLeft')
  await ada.page.keyboard.press('ArrowUp')
  await ada.page.keyboard.press('ArrowUp')
  await ada.page.keyboard.press('End')
  await ada.menu('Share…')
  await ada.press('Close')
  await expect.poll(() => hasKeyboard(ada)).toBe(true)
  expect(await caretLine(ada)).toMatch(/child 2x/)
  const left = { line: await caretLine(ada), top: await topOf(ada) }
  expect(ada.errors).toEqual([])
  expect(await ada.quit()).toBe(0)

  const again = await room.desk({ profile: ada.profile })
  await again.editor.getByText('Part 3').waitFor()
  await expect.poll(() => hasKeyboard(again)).toBe(true)
  await staysAt(again, left.top)
  expect(await caretLine(again)).toBe(left.line)
  expect(await folds(again)).toBe(1)
  await again.page.keyboard.type('y')
  await again.holds(both.replace('child 2x', 'child 2xy'))

  // The parts of the window, by keyboard.
  await again.menu('Outline')
  if (!(await outlineOf(again).isVisible())) await again.menu('Outline')
  const inOutline = () => outlineOf(again).evaluate((panel) => panel.contains(document.activeElement))
  await expect.poll(inOutline).toBe(true)
  await again.menu('Previous part of the window')
  expect(await hasKeyboard(again)).toBe(true)
  await again.menu('Previous part of the window')
  expect(await again.page.evaluate(() => document.activeElement?.textContent)).toContain('Plan')
  await again.menu('Previous part of the window')
  expect(await inOutline()).toBe(true)

  // A document that is gone is not shown again.
  await again.menu('Outline')
  await again.press('More')
  await again.page.getByRole('menuitem', { name: 'Remove', exact: true }).click()
  await again.page.getByText('was removed').waitFor()
  expect(again.errors).toEqual([])
  expect(await again.quit()).toBe(0)
  const last = await room.desk({ profile: ada.profile })
  await last.page.getByText('Choose a document from the library').waitFor()
})
