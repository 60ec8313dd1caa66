import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const roles = async (desk: Desk): Promise<string[]> => {
  const documents = await desk.page.evaluate(() => window.swarmpad.documents())
  return documents.ok ? documents.value.map(({ role }) => role) : [documents.code]
}
const gone = (desk: Desk) => desk.linkQuestion.waitFor({ state: 'detached' })

it('a link from outside is asked about first, and until then nothing is opened, stored or joined', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Shared')
  const [write, read] = [await ada.link(), await ada.link('read')]
  const ben = await room.desk({ name: 'Ben' })
  await ben.startAgain(read)
  await ben.linkQuestion.waitFor()
  const words = await ben.linkQuestion.textContent()
  for (const word of ['lets you read in a document', 'Ben', 'IP address']) expect(words).toContain(word)
  await expect.poll(() => ben.page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel')
  expect(await ben.page.content()).not.toContain(read.slice(9, 30))
  expect(await roles(ben)).toEqual([])
  await ben.page.keyboard.press('Escape')
  await gone(ben)
  expect(await roles(ben)).toEqual([])

  await ben.startAgain(read)
  await ben.linkQuestion.waitFor()
  // After a reload the page asks again.
  await ben.page.reload()
  await ben.linkQuestion.waitFor()
  await ben.page.keyboard.press('Enter')
  await gone(ben)
  expect(await roles(ben)).toEqual([])
  await ada.says('Nobody else is here')

  await ben.startAgain(read)
  await ben.linkQuestion.waitFor()
  await ben.press('Open')
  await ben.shows('# Shared')
  expect(await roles(ben)).toEqual(['read'])

  // To write in it is more than he has, and is asked about again.
  await ben.startAgain(write)
  await ben.linkQuestion.getByText('read and write').waitFor()
  expect(await roles(ben)).toEqual(['read'])
  await ben.press('Open')
  await expect.poll(() => roles(ben)).toEqual(['write'])
  await gone(ben)

  // A document that is already in the library is shown without a question.
  await ben.create('# Another')
  for (const link of [write, read]) {
    await ben.startAgain(link)
    await ben.shows('# Shared')
    expect(await ben.linkQuestion.count()).toBe(0)
    await ben.page.getByRole('button', { name: /^Another/ }).click()
    await ben.shows('# Another')
  }
  expect([...ada.errors, ...ben.errors]).toEqual([])
})

it('several links are asked about one after the other, and wait for a name', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# First')
  const first = await ada.link()
  await ada.create('# Second')
  const second = await ada.link('read')
  const ben = await room.desk({ opening: first })
  await ben.startAgain(second)
  await ben.startAgain(first)
  await ben.page.getByLabel('Your name').fill('Ben')
  expect(await ben.linkQuestion.count()).toBe(0)
  await ben.page.keyboard.press('Enter')
  await ben.linkQuestion.getByText('read and write').waitFor()
  await ben.press('Open')
  await ben.linkQuestion.getByText('lets you read in').waitFor()
  await ben.press('Cancel')
  await gone(ben)
  await ben.shows('# First')
  expect(await roles(ben)).toEqual(['write'])
  // An offer that was answered already, or never existed, opens nothing.
  for (const offer of [0, 1, 2, 3, 2 ** 40])
    expect(await ben.page.evaluate((offer) => window.swarmpad.acceptLink(offer), offer)).toMatchObject({
      ok: false,
      code: 'REQUEST_LATE',
    })
  expect(await roles(ben)).toEqual(['write'])
  expect(ben.errors).toEqual([])
})

it('a link from outside is taken out of what it is wrapped in, and never printed or shown', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Shared')
  const link = await ada.link()
  const secret = link.slice(14, 50)
  const ben = await room.desk({ name: 'Ben' })
  const printed: string[] = []
  for (const stream of [ben.app.process().stdout, ben.app.process().stderr])
    stream?.on('data', (data) => printed.push(String(data)))
  const start = async (opening: string) => {
    printed.push(await ben.startAgain(opening))
  }
  for (const wrapped of [
    `<${link}>`,
    `[our notes](${link})`,
    `Here is the link: ${link} see you tomorrow`,
    encodeURIComponent(link),
    `/tmp/${link}`,
  ]) {
    await start(wrapped)
    await ben.linkQuestion.getByText('read and write').waitFor()
    await ben.press('Cancel')
    await gone(ben)
  }
  // Messages about a link with a part missing, or a file name with a link in it, do not show the link.
  await start(`<${link.slice(0, -1)}>`)
  await ben.page.getByText('This link is damaged').waitFor()
  await start(`/tmp/notes-${link.slice(13, -5)}.md`)
  await ben.page.getByText('There is no file “notes-….md”.').waitFor()
  expect(await ben.page.content()).not.toContain(secret)
  await expect.poll(() => printed.join('')).toContain('There is no file “notes-….md”.')
  const heard = printed.join('')
  expect(heard).toContain('swarmpad: This link is damaged')
  expect(heard.toLowerCase()).not.toContain(secret)
  expect(await roles(ben)).toEqual([])
  expect([...ada.errors, ...ben.errors]).toEqual([])
})

it('a link from outside that is damaged is told and not asked about', async () => {
  const ben = await room.desk({ name: 'Ben' })
  await ben.startAgain(`swarmpad:spw1${'q'.repeat(60)}`)
  await ben.page.getByText('This link is damaged').waitFor()
  expect(await ben.linkQuestion.count()).toBe(0)
  expect(await roles(ben)).toEqual([])
})

it('an address in the text is opened only after asking, with all of it shown', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.app.evaluate(({ dialog, shell }) => {
    const seen = { asked: [] as object[], opened: [] as string[], answer: 1 }
    Object.assign(globalThis, { seen })
    dialog.showMessageBox = (async (...args: unknown[]) => {
      seen.asked.push(args.at(-1) as object)
      return { response: seen.answer, checkboxChecked: false }
    }) as typeof dialog.showMessageBox
    shell.openExternal = async (address: string) => void seen.opened.push(address)
  })
  type Seen = { asked: object[]; opened: string[]; answer: number }
  const seen = () => ada.app.evaluate(() => (globalThis as unknown as { seen: Seen }).seen)
  // A Cyrillic letter in place of a Latin one.
  await ada.create('<https://exаmple.org/path>')
  await ada.page.keyboard.press('Alt+Enter')
  await expect
    .poll(async () => (await seen()).asked)
    .toMatchObject([
      {
        message: 'Open xn--exmple-4nf.org outside Swarmpad?',
        detail: 'https://xn--exmple-4nf.org/path',
        buttons: ['Open', 'Cancel'],
        defaultId: 1,
        cancelId: 1,
      },
    ])
  expect((await seen()).opened).toEqual([])
  await ada.app.evaluate(() => {
    ;(globalThis as unknown as { seen: Seen }).seen.answer = 0
  })
  await ada.page.keyboard.press('Alt+Enter')
  await expect.poll(async () => (await seen()).opened).toEqual(['https://xn--exmple-4nf.org/path'])
  expect(ada.errors).toEqual([])
})
