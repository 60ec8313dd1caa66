import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const errors = (...desks: Desk[]) => desks.flatMap((desk) => desk.errors)

describe('two people', () => {
  it('write in one document, apart and together', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('# Garden\n\nTomatoes.')
    // A note that was never shared says nothing of others.
    await expect.poll(() => ada.status.textContent(), { timeout: patience }).toBe('Saved')
    const link = await ada.link()
    await ada.says('Saved on this computer only', 'Nobody else is here')

    const ben = await room.desk({ name: 'Ben', dark: true })
    await ben.join(link)
    await ben.shows('# Garden\n\nTomatoes.')
    await Promise.all([ada.type(' Beans.'), ben.type(' Peas.')])
    await expect.poll(() => ada.screen()).toMatch(/^# Garden\n\nTomatoes\.[ .A-Za-z]{13}$/)
    await expect.poll(async () => (await ben.screen()) === (await ada.screen())).toBe(true)
    await ada.says('In sync with 1 person')
    await ben.says('In sync with 1 person')

    await ben.workOffline(true)
    await ben.says('Offline')
    await ada.saysNobodyIsHere()
    await ben.type(' Offline: sage.')
    await ada.type(' Online: thyme.')
    await ben.says('Saved on this computer only')
    expect(await ada.screen()).not.toContain('sage')
    expect(await ben.screen()).not.toContain('thyme')

    await ben.workOffline(false)
    await expect.poll(() => ada.screen()).toContain('sage')
    await expect.poll(() => ben.screen()).toContain('thyme')
    await ada.says('In sync with 1 person')
    await ben.says('In sync with 1 person')
    await ben.holds(await ada.text())
    await ben.shows(await ada.screen())
    expect(errors(ada, ben)).toEqual([])
  })

  it('are told apart when their names look alike, or like the words of the program (C5)', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('one two three')
    const link = await ada.link()
    // The second has a Cyrillic letter in it.
    const join = async (name: string) => {
      const other = await room.desk({ name })
      await other.join(link)
      await other.shows('one two three')
    }
    await Promise.all(['Ben', 'B\u0435n', 'You, on another computer'].map(join))
    await ada.page
      .getByRole('button', { name: /^In this document: (?=.*“You)(?=.*Ben)(?=.*B\u0435n)/ })
      .click()
    const people = ada.page.getByRole('dialog', { name: 'People in this document' })
    await people.getByText('“You, on another computer”').waitFor()
    await expect.poll(() => people.getByText('Somebody else chose this name for themselves.').count()).toBe(1)
    await expect.poll(() => people.getByText('or one that looks like it').count()).toBe(2)
    expect(errors(ada)).toEqual([])
  })

  it('see each other: names, carets and selections', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('one two three')
    const ben = await room.desk({ name: 'Ben' })
    await ben.join(await ada.link())
    await ben.shows('one two three')
    await ben.editor.focus()
    await ben.page.keyboard.press('Control+Home')
    await ben.page.keyboard.press('Shift+Control+ArrowRight')
    await ada.page.locator('.remote-caret').waitFor()
    await ada.page.locator('.remote-selection').first().waitFor()
    expect(await ada.page.locator('.remote-name').textContent()).toBe('Ben')
    await ada.page.getByRole('button', { name: 'In this document: Ben' }).click()
    await ada.page.getByRole('dialog', { name: 'People in this document' }).getByText('Writes').waitFor()
    await ada.page.keyboard.press('Escape')
    await ben.quit()
    await ada.page.locator('.remote-caret').waitFor({ state: 'detached' })
    await ada.saysNobodyIsHere()
    expect(errors(ada, ben)).toEqual([])
  })

  it('take back only what they wrote themselves', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('start ')
    const ben = await room.desk({ name: 'Ben' })
    await ben.join(await ada.link())
    await ben.shows('start ')
    await ada.add('ADA')
    await ben.shows('start ADA')
    await ben.add(' ben')
    await ada.shows('start ADA ben')
    await ada.menu('Undo')
    await ada.shows('start  ben')
    await ben.shows('start  ben')
    await ben.page.keyboard.press('Control+z')
    await ada.shows('start ')
    await ada.menu('Redo')
    await ben.shows('start ADA')
    expect(errors(ada, ben)).toEqual([])
  })

  it('of whom one may only read', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('For your eyes.')
    const ben = await room.desk({ name: 'Ben' })
    await ben.join(await ada.link('read'))
    await ben.shows('For your eyes.')
    await ben.page.getByText('Read only').first().waitFor()
    await ben.type('x')
    await ben.page.keyboard.press('Control+v')
    expect(await ben.screen()).toBe('For your eyes.')
    await ada.type(' And ears.')
    await ben.shows('For your eyes. And ears.')
    await ada.says('In sync with 1 person')
    // Not even a window that was taken over can write.
    const outcome = await ben.page.evaluate(
      async (id) => {
        const changes = [[0, 'forged']]
        return window.swarmpad.pushEdits(id, 0, [{ clientID: 'x', changes }])
      },
      await ben.id(),
    )
    expect(outcome).toMatchObject({ ok: false, code: 'ROLE_TOO_LOW' })
    await ben.press('Share')
    await ben.page.getByText('Whoever has this link can read the text as it changes').waitFor()
    expect(await ben.page.getByText('can read and change the text').count()).toBe(0)
    // With a write link the document on screen can be written in at once.
    await ben.page.keyboard.press('Escape')
    await ben.join(await ada.link())
    await ben.editor.and(ben.page.locator('[contenteditable="true"]')).waitFor()
    await ben.type(' And mine.')
    await ada.shows('For your eyes. And ears. And mine.')
    expect(errors(ada, ben)).toEqual([])
  })
})

it('three people write at once', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('All: ')
  const link = await ada.link()
  const [ben, cleo] = await Promise.all([room.desk({ name: 'Ben' }), room.desk({ name: 'Cleo' })])
  await Promise.all([ben.join(link), cleo.join(link)])
  await Promise.all([ben.shows('All: '), cleo.shows('All: ')])
  await Promise.all([ada.type('aaaaaaaa'), ben.type('bbbbbbbb'), cleo.type('cccccccc')])
  for (const desk of [ada, ben, cleo]) await desk.says('In sync with 2 people')
  const letters = async () => [...(await ada.screen()).slice(5)].sort().join('')
  await expect.poll(letters).toBe('aaaaaaaabbbbbbbbcccccccc')
  const text = await ada.screen()
  await ben.shows(text)
  await cleo.shows(text)
  expect(errors(ada, ben, cleo)).toEqual([])
})

it('two hundred kilobytes are pasted and arrive', async () => {
  const pasted = Array.from(
    { length: 2_000 },
    (_, line) => `${line} ${'pasted text 🙂 é\u0301 '.repeat(6)}`,
  ).join('\n')
  expect(Buffer.byteLength(pasted)).toBeGreaterThan(200_000)
  const ada = await room.desk({ name: 'Ada' })
  await ada.create()
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(await ada.link())
  await ada.says('In sync with 1 person')
  await ada.paste(pasted)
  await ada.holds(pasted)
  await ben.holds(pasted)
  await ada.says('Saved', 'In sync with 1 person')
  await ben.type(' the end')
  await ada.holds(`${pasted} the end`)
  await ada.menu('Undo')
  await ben.holds(' the end')
  expect(errors(ada, ben)).toEqual([])
})
