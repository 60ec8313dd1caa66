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

/** Puts formats on the clipboard and pastes by the key. */
async function pasteHtml(
  desk: Desk,
  formats: { html: string; text?: string },
  keys = 'Control+v',
): Promise<void> {
  await desk.editor.focus()
  await desk.app.evaluate(({ clipboard }, formats) => {
    // Electron 33 has one call for all formats; its types are those of a later one.
    const { write } = clipboard as unknown as { write(formats: object): void }
    write(formats)
  }, formats)
  await desk.page.keyboard.press(keys)
}

it('x', async () => {
  const ada = await room.desk({ name: 'Ada' })
  ada.page.on('console', (m) => console.log('CONSOLE', m.text()))
  await ada.create('')
  await pasteHtml(ada, {
    html: '<h1>Head &amp; &eacute;</h1><p>Some <b>bold</b></p>',
    text: 'Head\nSome bold',
  })
  await new Promise((r) => setTimeout(r, 3000))
  console.log('SCREEN', await ada.screen(), ada.errors)
  await ada.page.keyboard.press('Control+a')
  await ada.page.keyboard.press('Control+c')
  await new Promise((r) => setTimeout(r, 3000))
  console.log(
    'CLIP',
    await ada.app.evaluate(({ clipboard }) => [(clipboard as any).readHTML(), clipboard.readText()]),
  )
  await ada.app.evaluate(({ clipboard }) => clipboard.writeText('other'))
  await ada.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.copy())
  await new Promise((r) => setTimeout(r, 3000))
  console.log(
    'CLIP',
    await ada.app.evaluate(({ clipboard }) => [(clipboard as any).readHTML(), clipboard.readText()]),
  )
  writeFileSync(join(room.folder(), 'x'), '')
}, 60000)
