import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'
import { TextMenuWatch } from '../support/text-menu'
import { lineAtCaret } from '../support/text-on-screen'

const room = new Room()
beforeAll(() => room.open())
afterEach(() => room.clear())
afterAll(() => room.close())

const chip = (desk: Desk, name: string) => desk.page.locator('.cm-content').getByRole('link', { name })
const panel = (desk: Desk) => desk.page.getByRole('complementary', { name: 'Links' })

/** Waits until the list of titles shows these, the first selected. */
const suggests = (desk: Desk, ...titles: string[]) =>
  expect.poll(() => desk.page.locator('.cm-tooltip-autocomplete li').allTextContents()).toEqual(titles)

/** Waits until the library lists these titles: those are suggested, in this order. */
const lists = (desk: Desk, ...titles: string[]) =>
  expect
    .poll(() =>
      desk.page.getByRole('navigation', { name: 'Documents' }).locator('button .title').allTextContents(),
    )
    .toEqual(titles)

/** Waits until the document of this title is on screen, with the keyboard in a line of its text. */
async function isShown(desk: Desk, title: string, line: string): Promise<void> {
  await expect.poll(() => desk.page.title()).toBe(`${title} — Swarmpad`)
  await expect.poll(() => lineAtCaret(desk.page)).toBe(line)
}

it('lead from one document to another and back, and make what is missing', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const { keyboard } = ada.page
  await ada.create()
  await keyboard.insertText(`# House rules\n\n${'words\n\n'.repeat(60)}## Noise\n\nNone after ten.`)
  await lists(ada, 'House rules')
  await ada.create('# Packing list\n\nbread')
  await lists(ada, 'Packing list', 'House rules')
  await ada.create('# Plan\n\n')
  await lists(ada, 'Plan', 'Packing list', 'House rules')

  // A title is completed, and one chosen by the arrow keys.
  await keyboard.type('See [[')
  await suggests(ada, 'Packing list', 'House rules')
  await keyboard.type('rul')
  await suggests(ada, 'House rules')
  await keyboard.press('Enter')
  await ada.shows('# Plan\n\nSee [[House rules]]')
  // After a number sign the headings of that document are, here of this one and of another one.
  await keyboard.type(', [[#Pl')
  await suggests(ada, 'Plan')
  await keyboard.press('Tab')
  await keyboard.type(', [[house RULES#')
  await suggests(ada, 'House rules', 'Noise')
  await keyboard.type('noise')
  await suggests(ada, 'Noise')
  await keyboard.press('Escape')
  await keyboard.type('|the noise]] and [[Nowhere]].')
  const links = 'See [[House rules]], [[#Plan]], [[house RULES#noise|the noise]] and [[Nowhere]].'
  await ada.shows(`# Plan\n\n${links}`)

  // They are shown by their words, without brackets; those that lead nowhere look different.
  await expect.poll(() => chip(ada, 'House rules').textContent()).toBe('House rules')
  await expect.poll(() => chip(ada, 'Nowhere').getAttribute('class')).toContain('md-chip-missing')
  await expect.poll(() => chip(ada, 'the noise').getAttribute('class')).not.toContain('md-chip-missing')
  await expect
    .poll(() => ada.page.locator('.cm-line', { hasText: 'See' }).innerText())
    .toBe('See House rules, Plan, the noise and Nowhere.')

  // A click with Ctrl leads to the heading.
  await chip(ada, 'the noise').click({ modifiers: ['Control'] })
  await isShown(ada, 'House rules', '## Noise')
  await keyboard.type('!')
  await expect.poll(() => ada.screen()).toContain('## Noise!')

  // The panel shows where links to this document are; Enter opens the place.
  await ada.menu('Links of the document')
  const row = panel(ada).getByRole('button', { name: 'Plan' })
  await expect.poll(() => row.evaluate((element) => element === document.activeElement)).toBe(true)
  await expect.poll(() => row.innerText()).toContain('See [[House rules]]')
  await keyboard.press('Enter')
  await isShown(ada, 'Plan', links)
  await expect.poll(() => ada.page.evaluate(() => getSelection()?.toString())).toContain('House rules')

  // It also lists what the text links to; opening what is missing offers to make it.
  await panel(ada).getByRole('button', { name: 'Nowhere' }).click()
  await ada.press('Make it')
  await isShown(ada, 'Nowhere', '')
  await keyboard.type('Now it is there.')
  await ada.shows('# Nowhere\n\nNow it is there.')
  await panel(ada).getByRole('button', { name: 'Plan' }).click()
  await isShown(ada, 'Plan', links)
  await expect.poll(() => chip(ada, 'Nowhere').getAttribute('class')).not.toContain('md-chip-missing')

  // The key that opens links opens these too.
  await ada.type('')
  await keyboard.press('ArrowLeft')
  await keyboard.press('ArrowLeft')
  await keyboard.press('Alt+Enter')
  await expect.poll(() => ada.page.title()).toBe('Nowhere — Swarmpad')
  expect(ada.errors).toEqual([])
})

it('tags of the text lead to the documents that have them', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const menus = await TextMenuWatch.start(ada)
  await ada.create('# Log\n\nA trip. #boat')
  await ada.create('# Costs\n\nOf the #boat and `#nothing`, at #home.')
  const list = ada.page.getByRole('navigation', { name: 'Documents' })
  const titles = () => list.locator('.title').allTextContents()

  const tag = ada.page.locator('.cm-content .md-tag')
  await expect.poll(() => tag.allTextContents()).toEqual(['#boat', '#home'])
  await tag.first().click({ modifiers: ['Control'] })
  await expect.poll(async () => (await titles()).sort()).toEqual(['Costs', 'Log'])
  const chosen = ada.page.getByRole('button', { name: /^#boat/, pressed: true })
  await chosen.waitFor()

  expect((await menus.at('#home')).labels).toContain('Show documents with #home')
  await menus.choose('Show documents with #home')
  await expect.poll(titles).toEqual(['Costs'])
  await expect.poll(() => chosen.count()).toBe(0)
})
