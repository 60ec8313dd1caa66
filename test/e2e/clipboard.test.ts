import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

/** Formats on the clipboard. */
interface Formats {
  readonly text?: string
  readonly html?: string
  /** A picture, as a data: address. */
  readonly image?: string
}

/** Puts formats on the clipboard, alone, and pastes by a key. */
async function paste(desk: Desk, formats: Formats, keys = 'Control+v'): Promise<void> {
  await desk.editor.focus()
  await desk.app.evaluate(({ clipboard, nativeImage }, { image, ...formats }) => {
    // The types are those of a later Electron, whose clipboard takes other arguments.
    const { write } = clipboard as unknown as { write(formats: object): void }
    write({ ...formats, ...(image ? { image: nativeImage.createFromDataURL(image) } : {}) })
  }, formats)
  await desk.page.keyboard.press(keys)
}

/** The clipboard's HTML. */
const copiedHtml = (desk: Desk): Promise<string> =>
  desk.app.evaluate(({ clipboard }) => (clipboard as unknown as { readHTML(): string }).readHTML())

/** Puts a text in the place of what the document holds, with the caret behind it. */
async function begin(desk: Desk, text = ''): Promise<void> {
  await desk.editor.focus()
  await desk.page.keyboard.press('Control+a')
  await desk.page.keyboard.press('Delete')
  if (text) await desk.page.keyboard.insertText(text)
  await desk.holds(text)
}

/** Drops files of the disk on an element, as a file manager does. */
async function drop(desk: Desk, files: string[], selector: string, modifiers = 0): Promise<void> {
  const box = await desk.page.locator(selector).first().boundingBox()
  if (!box) throw new Error(`nothing to drop on: ${selector}`)
  const session = await desk.page.context().newCDPSession(desk.page)
  const place = { x: box.x + box.width / 2, y: box.y + Math.min(40, box.height / 2) }
  const data = { items: [], files, dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...place, data, modifiers })
  await desk.page.getByText('Drop to open as a document').waitFor()
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...place, data, modifiers })
  await session.detach()
}

const docs = `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h1 dir="ltr"><span style="font-weight:400">Plan</span></h1><p><span style="font-weight:700">Bold</span><span> and </span><a href="https://e.org/a_b">link</a><a href="javascript:x">.</a></p><ul><li><p><span>one</span></p></li></ul></b>`
const dot =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

it('what is pasted and copied keeps its format, and what cannot be pasted is told', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const { keyboard } = ada.page
  const plan = '# Plan\n\n**Bold** and [link](https://e.org/a_b).\n\n- one'
  await ada.create()
  await paste(ada, { html: docs, text: 'Plan\nBold and link.\none' })
  await ada.holds(plan)
  await keyboard.press('Control+z')
  await ada.holds('')
  await paste(ada, { html: docs })
  await ada.holds(plan)

  // The caret is behind it, and what is typed there is a step of its own.
  await keyboard.type('!')
  await ada.holds(`${plan}!`)
  await keyboard.press('Control+z')
  await ada.holds(plan)

  await keyboard.press('Control+a')
  await keyboard.press('Control+c')
  const html =
    '<h1>Plan</h1>\n<p><strong>Bold</strong> and <a href="https://e.org/a_b">link</a>.</p>\n<ul>\n<li>one</li>\n</ul>'
  await expect.poll(() => copiedHtml(ada)).toContain(html)
  expect(await ada.app.evaluate(({ clipboard }) => clipboard.readText())).toBe(plan)
  await begin(ada)
  await keyboard.press('Control+v')
  await ada.holds(plan)
  // Cut, and put back as it was.
  await keyboard.press('Control+a')
  await keyboard.press('Control+x')
  await ada.holds('')
  await expect.poll(() => copiedHtml(ada)).toContain(html)
  await keyboard.press('Control+v')
  await ada.holds(plan)

  await begin(ada, 'see ')
  await paste(ada, { html: '<b>here</b> and<h2>There</h2>', text: 'here and\nThere' })
  await ada.holds('see **here** and\n\n## There')
  await paste(ada, { html: '<b>x</b>', text: ' x' }, 'Control+Shift+v')
  await ada.holds('see **here** and\n\n## There x')

  await begin(ada, 'read this')
  await keyboard.press('Control+Shift+ArrowLeft')
  await paste(ada, { text: 'https://e.org/x' })
  await ada.holds('read [this](https://e.org/x)')
  await paste(ada, { text: ' *as it* is' })
  await ada.holds('read [this](https://e.org/x) *as it* is')

  await begin(ada, '```\n')
  await paste(ada, { html: '<h1>x</h1>', text: '# x' })
  await ada.holds('```\n# x')
  await begin(ada, '- ')
  await paste(ada, { html: '<ul><li>one<ul><li>in</li></ul></li><li>two</li></ul>', text: 'one\nin\ntwo' })
  await ada.holds('- one\n  - in\n- two')
  // Too deep for any program, and no reason to lose the words.
  await begin(ada)
  await paste(ada, { html: `${'<div>'.repeat(200_000)}deep`, text: 'deep' })
  await ada.holds('deep')
  await ada.page.getByText('pasted as plain text').waitFor()

  const saved = join(room.folder(), 'dot.png')
  await ada.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath })
  }, saved)
  await paste(ada, { image: dot })
  await ada.page.getByText('Pictures cannot be in a document yet').waitFor()
  await ada.press('Save the picture…')
  await ada.page.getByText('The picture was saved as').waitFor()
  expect(readFileSync(saved).subarray(1, 4).toString()).toBe('PNG')
  await paste(ada, { html: '<b>x</b>' }, 'Control+Shift+v')
  await ada.page.getByText('There is no text on the clipboard').waitFor()
  expect(await ada.text()).toBe('deep')
  expect(ada.errors).toEqual([])
})

it('files are dropped, opened from outside and saved, and a document has a menu in the library', async () => {
  const folder = room.folder()
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const one = file('one.md', '# One\n\nwords\n')
  const two = file('two ü.txt', Buffer.from('\ufeff# Two', 'utf16le'))
  const bytes = file('sound.ogg', Uint8Array.of(0x4f, 0x67, 0x67, 0x53, 0, 2, 0xff))
  const ada = await room.desk({ name: 'Ada' })
  const { page } = ada
  const rows = page.getByRole('navigation', { name: 'Documents' }).getByRole('button')
  await page.getByText('A quiet place').waitFor()
  await drop(ada, [one, two, bytes], 'main')
  await ada.holds('# One\n\nwords\n')
  await expect
    .poll(() => rows.allTextContents())
    .toEqual([expect.stringMatching(/^Two/), expect.stringMatching(/^One/)])
  await page.getByText('“sound.ogg” is not text').waitFor()
  await page.getByText('2 documents were added').waitFor()

  await page.keyboard.press('Control+Home')
  await drop(ada, [file('part.md', 'a part\n')], '.cm-line', 1)
  await expect.poll(() => ada.text()).toContain('a part')
  const before = await ada.text()
  await drop(ada, [file('dot.png', Buffer.from(dot.split(',')[1] ?? '', 'base64'))], '.cm-line')
  await page.getByText('Pictures cannot be in a document yet').waitFor()
  await drop(ada, [bytes], '.cm-line', 1)
  expect(await ada.text()).toBe(before)
  expect(await rows.count()).toBe(2)

  const again = `file://${folder}/${encodeURIComponent('three ü.md')}`
  file('three ü.md', '# Three')
  await ada.startAgain(again)
  await ada.holds('# Three')
  await ada.startAgain('file://elsewhere/x.md')
  await page.getByText('“file://elsewhere/x.md” is not a file on this computer').waitFor()

  const name = '日本語の長い題名'.repeat(12)
  await ada.create(`# ${name}\0`)
  await ada.app.evaluate(({ dialog }, folder) => {
    dialog.showSaveDialog = (async (...args: unknown[]) => {
      const { defaultPath } = args.at(-1) as { defaultPath: string }
      return { canceled: false, filePath: `${folder}/${defaultPath.split('/').pop()}` }
    }) as typeof dialog.showSaveDialog
  }, folder)
  await rows.filter({ hasText: 'One' }).focus()
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menu', { name: 'One' }).waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Open')
  await page.keyboard.press('Escape')
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('One')
  await rows.filter({ hasText: '日本' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Save a copy…' }).click()
  const copy = join(folder, `${name.slice(0, 80)}.md`)
  await expect.poll(() => existsSync(copy)).toBe(true)
  expect(readFileSync(copy, 'utf8')).toBe(`# ${name}\ufffd`)
  await rows.filter({ hasText: 'One' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy write link' }).click()
  await page.getByText('Whoever has it can read and write').waitFor()
  await rows.filter({ hasText: 'One' }).click({ button: 'right' })
  const [second] = await Promise.all([
    ada.app.waitForEvent('window'),
    page.getByRole('menuitem', { name: 'Open in new window' }).click(),
  ])
  const other = new Desk(ada.app, second, ada.profile)
  await expect.poll(() => second.title()).toMatch(/^One/)
  await rows.filter({ hasText: 'Two' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Remove', exact: true }).click()
  await page.getByText('“Two” was removed.').waitFor()
  expect([...ada.errors, ...other.errors]).toEqual([])
})
