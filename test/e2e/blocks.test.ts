import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const table =
  '| What | Who | Euro |\n|---|:-:|--:|\n| Benches | *Theo* | $x^2$ |\n| Apples | [Mara](https://e.org) | |'
const text = `---
title: Plan
tags: [a]
---

# Plan

See[^note] what it costs.

${table}

\`\`\`ts
const litres = 1 // pressed
\`\`\`

$$
\\frac{1}{2}
$$

> [!warning] Mind
> the rain

Wrong: $\\def\\a{\\a\\a}\\a$, and $5 or $6.

[^note]: The note.

End`

/** Deep formulas bring Chromium down when they are laid out, the others would take minutes or a whole screen. */
const hostile = [
  `${'\\sqrt{'.repeat(250)}x${'}'.repeat(250)}`,
  `${'\\frac{1}{'.repeat(180)}x${'}'.repeat(180)}`,
  `${'{'.repeat(900)}x${'}'.repeat(900)}`,
  `\\begin{array}{c}${'a\\\\'.repeat(600)}\\end{array}`,
  '\\rule{9999em}{9999em}',
  '\\href{javascript:alert(1)}{press}',
  '\\includegraphics{https://e.org/x.png}',
  '\\gdef\\a{\\a\\a}\\a',
].map((tex) => `$$\n${tex}\n$$`)

/** Opens a file as a document of its own. */
async function open(desk: Desk, name: string, content: string): Promise<void> {
  const file = join(room.folder(), name)
  writeFileSync(file, content)
  await desk.startAgain(file)
  await desk.holds(content)
}

it('tables, code, maths, notes and callouts look like what they are, and are written in place', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const { page } = ada
  const refused: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/.test(message.text())) refused.push(message.text())
  })
  await open(ada, 'plan.md', text)
  await ada.editor.focus()
  await page.keyboard.press('Control+End')

  // Drawn, with roles.
  await page.getByText('Properties').waitFor()
  const grid = ada.editor.getByRole('table')
  await expect.poll(() => grid.getByRole('columnheader').allTextContents()).toEqual(['What', 'Who', 'Euro'])
  await expect.poll(() => grid.getByRole('link', { name: 'Mara' }).count()).toBe(1)
  expect(await grid.locator('em').textContent()).toBe('Theo')
  await grid.locator('.katex').waitFor()
  await ada.editor.getByRole('math', { name: '\\frac{1}{2}' }).locator('.katex').waitFor()
  await ada.editor.locator('.code-keyword', { hasText: 'const' }).waitFor()
  await expect.poll(() => ada.editor.locator('.callout-warning').count()).toBe(2)
  await expect.poll(() => ada.editor.getByTitle('Formulas cannot define commands here.').count()).toBe(1)
  await expect.poll(() => ada.editor.innerText()).not.toContain('```')

  // A note: its text at the pointer, and a way there and back.
  const reference = ada.editor.getByRole('link', { name: 'Footnote 1', exact: true })
  const card = page.locator('.footnote-card', { hasText: 'The note.' })
  // A pointer that rests is not heard when the text moves under it just then: people move it a little.
  await expect
    .poll(
      async () => {
        await reference.hover({ position: { x: 1, y: 4 } })
        await reference.hover()
        return card.count()
      },
      { interval: 1_000 },
    )
    .toBe(1)
  await reference.click()
  await page.keyboard.type('Yes. ')
  await expect.poll(() => ada.text()).toContain('[^note]:Yes.  The note.')
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+End')
  await ada.editor.getByRole('link', { name: 'Back to footnote 1' }).click()
  await page.keyboard.type('!')
  await expect.poll(() => ada.text()).toContain('See[^note]! what')

  // Down from the line above leads into the table.
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => ada.editor.innerText()).toContain('| What | Who | Euro |')
  await expect.poll(() => grid.count()).toBe(0)
  await page.keyboard.press('Control+End')
  await grid.getByRole('cell', { name: 'Benches' }).click()
  await page.keyboard.type('!')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Ada')
  await expect.poll(() => ada.text()).toContain('| Benches! | Ada | $x^2$ |')

  // Someone else writes into another row at the same time.
  const other = await ada.newWindow()
  await other.page
    .getByRole('navigation', { name: 'Documents' })
    .getByRole('button', { name: /^Plan/ })
    .click()
  // It may begin where Ada is, whose row then shows its marks.
  await other.editor.press('Control+End')
  await other.editor.getByRole('cell', { name: 'Apples' }).click()
  await other.page.keyboard.type('?')
  await ada.bringToFront()
  await page.keyboard.press('Enter')
  await page.keyboard.type('New')
  await expect
    .poll(() => ada.text())
    .toContain('| Benches! | Ada | $x^2$ |\n| New |  |  |\n| Apples? | [Mara](https://e.org) | |\n\n```ts')
  await other.leave()

  // Code: copied whole, its language changed in the corner.
  await page.keyboard.press('Control+End')
  await ada.editor.getByText('litres').hover()
  await ada.editor.getByRole('button', { name: 'Copy the code' }).click()
  await expect
    .poll(() => ada.app.evaluate(({ clipboard }) => clipboard.readText()))
    .toBe('const litres = 1 // pressed')
  await ada.editor.getByRole('button', { name: 'Language of the code: ts' }).click()
  await page.getByRole('combobox', { name: 'Language of the code' }).fill('python')
  await page.keyboard.press('Enter')
  await expect.poll(() => ada.text()).toContain('```python\nconst')
  await ada.editor.getByText('litres').click()
  await page.keyboard.press('Home')
  await page.keyboard.press('Tab')
  await expect.poll(() => ada.text()).toContain('```python\n  const')
  await expect.poll(() => ada.editor.innerText()).toContain('```python')

  // Nothing of it was refused, or brings the window down.
  await open(ada, 'hostile.md', `Before\n\n${hostile.join('\n\n')}\n\nafter`)
  await ada.editor.getByText('This formula is too large to be drawn.').nth(1).waitFor()
  await ada.type(' all')
  await expect.poll(() => ada.text()).toMatch(/after all$/)
  // Written by hand, a row is the one that Enter made, not one with its bars twice.
  await ada.type('\n\n| x | y |\n|---|---|\n| 1 | 2 |')
  await expect.poll(() => ada.text()).toMatch(/\|---\|---\|\n\| {2}1 {2}\| {2}2 {2}\|$/)
  await expect.poll(() => ada.editor.locator('.math-waits').count()).toBe(0)
  expect(await ada.editor.locator('img:not(.cm-widgetBuffer), a[href]').count()).toBe(0)
  expect(refused).toEqual([])
  expect(ada.errors).toEqual([])
})
