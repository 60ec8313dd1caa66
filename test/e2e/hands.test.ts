import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

it("a writer's keys do what they do elsewhere", async () => {
  const ada = await room.desk({ name: 'Ada' })
  const { keyboard } = ada.page
  const refused: string[] = []
  ada.page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) refused.push(message.text())
  })
  await ada.create()

  // Headings, tasks and words by their keys
  await keys(ada, 'Alt+1')
  await keyboard.type('Autumn plan')
  await keys(ada, 'Enter', 'Enter', 'Control+Shift+9')
  await keyboard.type('benches')
  await keys(ada, 'Control+Enter', 'Enter', 'Tab')
  await keyboard.type('forty')
  await keys(ada, 'Tab', 'Shift+Tab', 'Enter', 'Enter')
  await keys(ada, 'Control+b')
  await keyboard.type('We')
  await keys(ada, 'Control+b')
  await keyboard.type(' open')
  await keys(ada, 'Control+i')
  const text = '# Autumn plan\n\n- [x] benches\n- [ ] forty\n\n**We** *open*'
  await holds(ada, text)
  await keys(ada, 'Alt+ArrowUp', 'Alt+ArrowDown')
  await holds(ada, text)

  // The Format menu has the same commands, with their keys
  const shown = await ada.app.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()
      ?.items.find(({ label }) => label.replace('&', '') === 'Format')
      ?.submenu?.items.map(({ label, accelerator }) => `${label.replace('&', '')} ${accelerator ?? ''}`),
  )
  expect(shown).toEqual(expect.arrayContaining(['Bold CmdOrCtrl+B', 'Heading 2 Alt+2', 'Tidy the numbers ']))
  await ada.menu('Highlight')
  await holds(ada, text.replace('*open*', '==*open*=='))
  await keys(ada, 'Control+Shift+h')
  await holds(ada, text)
  // On a German keyboard, 7 with Shift types a slash
  const session = await ada.page.context().newCDPSession(ada.page)
  const german = { key: '/', code: 'Digit7', windowsVirtualKeyCode: 55, modifiers: 10 }
  for (const shown of [text.replace('**We', '1. **We'), text]) {
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...german })
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...german })
    await holds(ada, shown)
  }
  await session.detach()

  // Tab keeps the keyboard in the text, until Escape was pressed
  await keys(ada, 'Tab')
  await keyboard.type('still here')
  await holds(ada, `${text}\tstill here`)
  await keys(ada, 'Escape', 'Tab')
  expect(await isInText(ada)).toBe(false)
  await ada.editor.focus()

  // Asking to save is answered; keys of menus reach no test
  await ada.menu('Save')
  await expect.poll(() => ada.status.textContent()).toBe('Saved')

  // The bar shows at selected words, works by pointer and keyboard, and goes when typing goes on
  const bar = ada.page.getByRole('toolbar', { name: 'Format' })
  await keys(ada, 'Shift+Control+ArrowLeft')
  await bar.getByRole('button', { name: 'Bold' }).click()
  await holds(ada, `${text}\tstill **here**`)
  await bar.getByRole('button', { name: 'Bold', pressed: true }).waitFor()
  await keys(ada, 'Alt+F10', 'ArrowRight', 'Enter')
  await bar.getByRole('button', { name: 'Italic', pressed: true }).waitFor()
  expect(await isInText(ada)).toBe(true)
  await keyboard.type('(')
  await bar.waitFor({ state: 'detached' })
  await holds(ada, `${text}\tstill ***(here)***`)

  // Several carets
  await keys(ada, 'Control+End', 'Enter', 'Enter')
  await keyboard.type('one two one')
  await keys(ada, 'Shift+Control+ArrowLeft', 'Control+d')
  await expect.poll(() => ada.page.locator('.own-caret').count()).toBe(1)
  await keyboard.type('six')
  await keys(ada, 'Escape')
  await keyboard.type('!')
  await expect.poll(() => ada.text()).toMatch(/\n\nsix!? two six!?$/)
  expect(await ada.page.locator('.own-caret').count()).toBe(0)

  // Without the bar, if the person likes
  await ada.page.evaluate(async () => {
    const settings = await window.swarmpad.settings()
    if (settings.ok) await window.swarmpad.setSettings({ ...settings.value, selectionBar: false })
  })
  const since = await ada.page.evaluate(() => performance.now())
  await keys(ada, 'Shift+Home')
  await expect.poll(() => ada.page.evaluate(() => performance.now())).toBeGreaterThan(since + 600)
  expect(await bar.count()).toBe(0)
  expect([...ada.errors, ...refused]).toEqual([])
})

it('two people press Enter in one numbered list, both offline, and every item stays one', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const ben = await room.desk({ name: 'Ben' })
  await ada.create()
  await ada.page.keyboard.type('1. a')
  for (const letter of 'bcde') {
    await keys(ada, 'Enter')
    await ada.page.keyboard.type(letter)
  }
  const list = '1. a\n2. b\n3. c\n4. d\n5. e'
  await holds(ada, list)
  await ben.join(await ada.link())
  await holds(ben, list)

  await ada.workOffline(true)
  await ben.workOffline(true)
  await newItem(ada, 'b', 'from Ada')
  await newItem(ben, 'd', 'from Ben')
  await newItem(ada, 'a', 'more')
  await ada.workOffline(false)
  await ben.workOffline(false)
  const merged = '1. a\n2. more\n2. b\n3. from Ada\n3. c\n4. d\n5. from Ben\n5. e'
  await holds(ada, merged)
  await holds(ben, merged)

  await ada.editor.focus()
  await ada.menu('Tidy the numbers')
  await holds(ben, '1. a\n2. more\n3. b\n4. from Ada\n5. c\n6. d\n7. from Ben\n8. e')
  expect([...ada.errors, ...ben.errors]).toEqual([])
})

/** Waits until the whole text is this. */
const holds = (desk: Desk, text: string) => expect.poll(() => desk.text()).toBe(text)

async function keys(desk: Desk, ...pressed: readonly string[]): Promise<void> {
  for (const key of pressed) await desk.page.keyboard.press(key)
}

const isInText = (desk: Desk): Promise<boolean> =>
  desk.editor.evaluate((element) => element === document.activeElement)

/** Puts the caret at the end of an item, which has one letter, and makes another one after it. */
async function newItem(desk: Desk, item: string, words: string): Promise<void> {
  await desk.editor
    .locator('.cm-line')
    .filter({ hasText: new RegExp(`(^|[^a-z])${item}$`) })
    .click()
  await keys(desk, 'End', 'Enter')
  await desk.page.keyboard.type(words)
}
