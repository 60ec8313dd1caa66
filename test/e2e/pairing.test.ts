import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

/** Shows a link on the first computer, and gives it as the person would: from the clipboard. */
async function offer(desk: Desk): Promise<string> {
  await desk.menu('Use another computer too…')
  const dialog = desk.page.getByRole('dialog', { name: 'Use another computer too' })
  await dialog.getByRole('button', { name: 'Copy link' }).click()
  await dialog.getByText('Copied').waitFor()
  const link = await desk.app.evaluate(({ clipboard }) => clipboard.readText())
  expect(await dialog.getByLabel('Link for the other computer').inputValue()).toBe(link)
  expect(link).toMatch(/^swarmpad:spd1[a-z0-9]{59}$/)
  return link
}

/** Pastes it on the first screen of a new one. */
async function join(desk: Desk, link: string): Promise<void> {
  await desk.press('I write on another computer already…')
  await expect.poll(() => focused(desk)).toBe('pairing-link')
  await desk.page.getByLabel('Link from the other computer').fill(link)
  await desk.page.keyboard.press('Enter')
}

/** Answers the system's dialog that asks before anything is sent, and keeps what it asked. */
async function allow(desk: Desk, button: 'Allow' | 'Cancel'): Promise<string> {
  await desk.app.evaluate(({ dialog }, button) => {
    delete process.env.SWARMPAD_ASKED
    dialog.showMessageBox = (async (...args: unknown[]) => {
      const options = args.at(-1) as Electron.MessageBoxOptions
      process.env.SWARMPAD_ASKED = options.message
      return { response: options.buttons?.indexOf(button) ?? -1, checkboxChecked: false }
    }) as typeof dialog.showMessageBox
  }, button)
  await desk.press('Allow')
  const asked = () => desk.app.evaluate(() => process.env.SWARMPAD_ASKED ?? '')
  await expect.poll(asked).not.toBe('')
  return asked()
}

/** The field that has the keyboard. */
const focused = (desk: Desk) => desk.page.evaluate(() => document.activeElement?.id)

const letters = (desk: Desk) => desk.page.getByLabel(/Letters to compare/).innerText({ timeout: patience })

describe('another computer of the same person', () => {
  it('is paired by a link and letters that are compared, and both write as one person', async () => {
    const home = await room.desk({ name: 'Ada' })
    await home.create('# Garden\n\nThe first frost came.')
    await home.says('Saved')
    const away = await room.desk()
    const link = await offer(home)
    await join(away, link)
    expect(await letters(away)).toBe(await letters(home))
    await away.press('They are the same')
    await away.page.getByText('Now choose “Allow” on the other computer.').waitFor()
    expect(await away.page.evaluate(() => window.swarmpad.documents())).toEqual({ ok: true, value: [] })
    // A page that was taken over cannot say yes for the person: the system's dialog asks.
    expect(await allow(home, 'Cancel')).toBe(`Allow the computer that shows ${await letters(home)}?`)
    expect(await away.page.evaluate(() => window.swarmpad.documents())).toEqual({ ok: true, value: [] })
    await allow(home, 'Allow')
    await home.page.getByText('You write on the other computer too now, with one document.').waitFor()
    await away.page.getByText('You write here as Ada now, with one document.').waitFor({ timeout: patience })
    await home.press('Done')
    await away.press('Done')

    await away.page.getByRole('button', { name: /Garden/ }).click()
    await away.holds('# Garden\n\nThe first frost came.')
    await away.type('\nWritten on the train.')
    await home.holds('# Garden\n\nThe first frost came.\nWritten on the train.')
    await home.type('\nAnd at home.')
    await expect.poll(() => away.text(), { timeout: patience }).toContain('And at home.')
    for (const desk of [home, away]) {
      await desk.page.getByRole('button', { name: 'In this document: You, on another computer' }).click()
      const people = desk.page.getByRole('dialog', { name: 'People in this document' })
      await people.getByText('You, on another computer').waitFor()
      expect(
        await people.getByText('Someone else here goes by the same name', { exact: false }).count(),
      ).toBe(0)
      await desk.page.keyboard.press('Escape')
      expect(desk.errors).toEqual([])
    }

    // A document created on one computer arrives on the other.
    await away.create('# Train journeys')
    await home.page.getByRole('button', { name: /Train journeys/ }).click({ timeout: patience })
    await expect.poll(() => home.text(), { timeout: patience }).toBe('# Train journeys')

    // The link is for one computer: a late one is refused while it is shown, and gets no answer after.
    const late = await room.desk()
    await join(late, link)
    await late.page.getByText('Looking for the other computer…').waitFor()
    expect(await late.page.evaluate(() => window.swarmpad.documents())).toEqual({ ok: true, value: [] })
  })

  it('is refused when the letters differ, and nothing of the person goes over', async () => {
    const home = await room.desk({ name: 'Ada' })
    const away = await room.desk()
    const link = await offer(home)
    await join(away, link)
    await letters(home)
    const third = await room.desk()
    await join(third, link)
    await third.page.getByText('Another computer came with this link first').waitFor({ timeout: patience })
    await home.page.getByText('2 computers have come with this link.').waitFor()
    await home.press('Refuse')
    await away.page.getByText('The other computer said no').waitFor({ timeout: patience })
    for (const desk of [away, third]) {
      await desk.press('Close', true)
      await desk.page.getByText('Welcome to Swarmpad').waitFor()
      const profile = await desk.page.evaluate(() => window.swarmpad.profile())
      expect(profile.ok && profile.value.name).toBe('')
    }
  })

  it('is not reached by links in the wrong place, which are named', async () => {
    const home = await room.desk({ name: 'Ada' })
    await home.create('# Garden')
    const write = await home.link()
    const pairing = await offer(home)
    await home.page.keyboard.press('Escape')
    await home.press('Open link')
    await expect.poll(() => focused(home)).toBe('pasted-link')
    await home.page.getByLabel('Link', { exact: true }).fill(pairing)
    await home.page.keyboard.press('Enter')
    await home.page.getByText('This link opens no document').waitFor()
    await home.page.keyboard.press('Escape')
    // From outside the window too: nothing begins by itself.
    const away = await room.desk({ opening: pairing })
    await away.page.getByText('This link opens no document').waitFor({ timeout: patience })
    await join(away, write)
    await away.page.getByText('This link opens a document.').waitFor()
    await away.page.getByLabel('Link from the other computer').fill(pairing.slice(0, -1))
    await away.page.keyboard.press('Enter')
    await away.page.getByText('This link is damaged').waitFor()
  })
})
