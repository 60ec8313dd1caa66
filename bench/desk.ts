import { openWorkspace } from '../main/headless'
import { startApp } from '../scripts/lib/app.mjs'
import type { Place } from './place'

/** The app, with its window. */
export type Desk = Awaited<ReturnType<typeof startApp>>

/** How long anything may take, in ms, before a bench gives up. */
export const limit = 60_000

/** Makes a document in a profile; returns its link. */
export async function prepare(place: Place, directory: string, text: string): Promise<string> {
  const workspace = await openWorkspace({ directory, bootstrap: place.bootstrap, name: 'Bench' })
  await workspace.setOffline(false)
  const document = await workspace.createDocument({ text })
  await document.saved()
  const link = await document.link('write')
  await workspace.close()
  return link
}

/** Starts the app on a link; resolves when its editor has the keyboard. */
export async function start(
  { bootstrap: nodes }: Pick<Place, 'bootstrap'>,
  profile: string,
  link: string,
): Promise<Desk> {
  const executable = process.env.SWARMPAD_RUNTIME ?? ''
  const bootstrap = nodes.map(({ host, port }) => `${host}:${port}`).join(',')
  const desk = await startApp({ executable, profile, bootstrap, opening: link })
  desk.page.setDefaultTimeout(limit)
  const editor = desk.page.getByRole('textbox', { name: 'Document text' })
  const name = desk.page.getByLabel('Your name')
  const confirm = desk.page.getByRole('button', { name: 'Open', exact: true })
  await editor.or(name).or(confirm).first().waitFor()
  if (await name.isVisible()) {
    await name.fill('Bench')
    await desk.page.keyboard.press('Enter')
  }
  await editor.or(confirm).first().waitFor()
  if (await confirm.isVisible()) await confirm.click()
  await editor.waitFor()
  await editor.focus()
  return desk
}
