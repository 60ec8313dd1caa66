import { pathToFileURL } from 'node:url'
import { type Desk, patience, type Room } from './app'

/** The built program without a window. */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL('out/main/headless.js').href
)

const text = `# Autumn festival plan

We open the gates at **two**, *whatever* the weather. See [the map](https://example.org/map).

- [x] Ask the caretaker for the key
- [ ] Order ~~thirty~~ forty benches

> The hall is ours from ten.

\`\`\`sh
make festival
\`\`\`
`

/**
 * Leads one person through the screens of the window, and calls `visit` at each with a name for it. Someone
 * else, without a window, writes along.
 */
export async function tour(
  room: Room,
  dark: boolean,
  visit: (name: string, desk: Desk) => Promise<void>,
): Promise<void> {
  const desk = await room.desk({ dark })
  const { page } = desk
  /** Opens a dialog, visits it, and closes it. */
  const dialog = async (name: string, open: () => Promise<void>): Promise<void> => {
    await open()
    await page.getByRole('dialog').waitFor()
    await visit(name, desk)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }

  await page.getByLabel('Your name').waitFor()
  await visit('first-start', desk)
  await dialog('join-pairing', () => desk.press('I write on another computer already…'))
  await desk.introduce('Ada')
  await visit('empty-library', desk)
  await dialog('open-link', () => desk.press('Open link'))
  await desk.create()
  await visit('empty-document', desk)
  await page.keyboard.insertText(text)
  await desk.says('Saved')
  await page.keyboard.press('Control+Home')
  await visit('document', desk)
  await dialog('share', () => desk.press('Share'))
  await dialog('replace-links', () => desk.menu('Replace the links…'))
  await dialog('save-with-keys', () => desk.menu('Save a copy with its keys…'))
  await dialog('back-up', () => desk.menu('Back up everything…'))
  await dialog('pair', () => desk.menu('Use another computer too…'))
  await dialog('network', () => desk.menu('Network…'))
  await dialog('settings', () => desk.menu('Settings…'))
  await dialog('name', () => page.getByRole('button', { name: /Change your name/ }).click())
  await dialog('protection', () => desk.fromYourMenu('Protection'))
  await dialog('palette', async () => {
    await desk.menu('Go to…')
    await page.keyboard.type('bench')
    await page.getByRole('option', { name: /forty benches/ }).waitFor()
  })
  await dialog('palette-commands', () => desk.menu('Commands…'))
  await desk.find('festival')
  await visit('find', desk)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'More' }).click()
  await visit('document-menu', desk)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Autumn festival plan/ }).click({ button: 'right' })
  await visit('library-menu', desk)
  await page.keyboard.press('Escape')

  const link = await desk.link()
  const ben = await openWorkspace({ directory: room.folder(), bootstrap: room.nodes, name: 'Ben' })
  try {
    const document = await ben.openDocument(link)
    await document.whenSynced({ timeout: patience })
    const present = await document.text()
    const { version } = document
    document.setSelection({ version, anchor: present.indexOf('hall'), head: present.indexOf('hall') + 4 })
    await desk.says('In sync')
    await page.locator('.remote-caret').first().waitFor({ state: 'attached' })
    await visit('together', desk)
    await page.getByRole('button', { name: /Ben/ }).first().click()
    await visit('people', desk)
    await page.keyboard.press('Escape')
  } finally {
    await ben.close()
  }
  await desk.workOffline(true)
  await visit('offline', desk)
  for (let made = 0; made < 8; made++) await desk.create(`# Note ${made}`)
  await visit('many-documents', desk)
  await desk.menu('Move tab to the other side')
  await page.getByRole('tablist', { name: 'Tabs on the right' }).waitFor()
  await visit('side-by-side', desk)
  await page.getByRole('tab', { name: 'Note 6' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Close', exact: true }).waitFor()
  await visit('tab-menu', desk)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Hide library' }).click()
  await visit('library-hidden', desk)
  await desk.menu('Show library')
  await page.waitForFunction(() => document.activeElement?.closest('nav') != null)
  await page.keyboard.press('Delete')
  await page.getByText('was removed').waitFor()
  await visit('removed', desk)
}
