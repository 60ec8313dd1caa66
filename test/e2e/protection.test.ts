import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'
import { missingForKeyring, SecretService } from '../support/secret-service'

/** The built program without a window. */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL('out/main/headless.js').href
)

const words = 'correct horse battery'
let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const keyOf = (profile: string): Buffer => readFileSync(join(profile, 'key'))
const field = (desk: Desk) => desk.page.getByLabel('Passphrase', { exact: true })
const says = (desk: Desk, text: RegExp | string) =>
  desk.page.getByRole('alert').filter({ hasText: text }).waitFor()

async function setPassphrase(desk: Desk): Promise<void> {
  await desk.page.getByLabel('New passphrase', { exact: true }).fill(words)
  await desk.page.getByLabel('New passphrase again').fill(words)
  await desk.page.keyboard.press('Enter')
  await desk.page.getByText('The passphrase is set').waitFor({ timeout: patience })
  await desk.page.keyboard.press('Escape')
}

async function unlock(desk: Desk): Promise<void> {
  await field(desk).fill(words)
  await desk.page.keyboard.press('Enter')
  await desk.press('New document', false)
}

describe('a passphrase', () => {
  it('is offered once a link was copied without a keyring, locks the next start, and is removed again', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('# Under lock')
    await ada.says('Saved')
    // Nothing is asked as long as there is nothing that others have.
    expect(await ada.page.getByRole('button', { name: 'Set a passphrase' }).count()).toBe(0)
    await ada.link()
    await ada.press('Set a passphrase')
    await ada.page.getByText('Nobody can bring a forgotten passphrase back').waitFor()
    // Invalid input is reported at its field.
    await ada.page.keyboard.type('short')
    await ada.page.keyboard.press('Enter')
    await says(ada, 'differs')
    await ada.page.getByLabel('New passphrase again').fill('short')
    await ada.page.keyboard.press('Enter')
    await says(ada, 'at least 8 characters')
    await setPassphrase(ada)
    await ada.page.getByRole('button', { name: 'Set a passphrase' }).waitFor({ state: 'detached' })
    await ada.says('Saved')
    await ada.quit()

    const again = await room.desk({ profile: ada.profile })
    await field(again).waitFor()
    expect(await again.page.evaluate(() => document.activeElement?.id)).toBe('passphrase')
    await again.page.keyboard.press('Enter')
    await says(again, 'Type your passphrase')
    await again.page.keyboard.type('something else')
    await again.page.keyboard.press('Enter')
    await says(again, 'not the passphrase')
    expect(await field(again).inputValue()).toBe('something else')
    await again.page.getByLabel('Show passphrase').check()
    expect(await field(again).getAttribute('type')).toBe('text')
    await unlock(again)
    await again.page.getByRole('button', { name: /^Under lock/ }).click()
    await again.shows('# Under lock')
    // Nothing waits for one any more.
    expect(await again.page.evaluate((words) => window.swarmpad.unlock(words), words)).toMatchObject({
      ok: false,
      code: 'REQUEST_LATE',
    })

    await again.fromYourMenu('Protection')
    await again.press('Remove passphrase')
    await says(again, 'set now')
    await again.page.getByLabel('Passphrase now').fill('something else')
    await again.press('Remove passphrase')
    await says(again, 'not the passphrase')
    await again.page.getByLabel('Passphrase now').fill(words)
    await again.press('Remove passphrase')
    await again.page.getByText('The passphrase was removed').waitFor({ timeout: patience })
    await again.quit()
    const open = await room.desk({ profile: ada.profile })
    await open.page.getByRole('button', { name: /^Under lock/ }).waitFor()
    // A person who has removed the passphrase is not asked to set one.
    expect(await open.page.getByRole('button', { name: 'Set a passphrase' }).count()).toBe(0)
    expect([...ada.errors, ...again.errors, ...open.errors]).toEqual([])
  })

  it("is not asked for again after 'Not now', and can be set later", async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('text')
    await ada.link()
    await ada.press('Not now')
    await ada.page.getByRole('button', { name: 'Not now' }).waitFor({ state: 'detached' })
    await ada.says('Saved')
    await ada.quit()
    const again = await room.desk({ profile: ada.profile })
    await again.press('Your menu', false)
    expect(await again.page.getByRole('button', { name: 'Not now' }).count()).toBe(0)
    await again.fromYourMenu('Protection')
    await setPassphrase(again)
    await again.quit()
    const locked = await room.desk({ profile: ada.profile })
    await field(locked).waitFor()
    expect(await locked.quit()).toBe(0)
  })

  it('lets links wait, and a second start comes up in the locked window', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('# Shared')
    const link = await ada.link()
    const ben = await room.desk({ name: 'Ben' })
    await ben.fromYourMenu('Protection')
    await setPassphrase(ben)
    await ben.quit()
    const locked = await room.desk({ profile: ben.profile })
    await field(locked).waitFor()
    await locked.startAgain(link)
    expect(await locked.linkQuestion.count()).toBe(0)
    expect(await locked.page.getByRole('textbox', { name: 'Document text' }).count()).toBe(0)
    await locked.page.reload()
    await field(locked).fill(words)
    await locked.page.keyboard.press('Enter')
    await locked.linkQuestion.waitFor()
    await locked.press('Open')
    await locked.shows('# Shared')
  })

  it('is never written to the terminal, nor are calls that a page makes up answered while locked', async () => {
    const directory = room.folder()
    const workspace = await openWorkspace({
      directory,
      bootstrap: room.nodes,
      name: 'Ada',
      passphrase: words,
    })
    await workspace.createDocument({ title: 'Of a program' })
    await workspace.close()
    const desk = await room.desk({ profile: directory })
    let heard = ''
    for (const stream of [desk.app.process().stdout, desk.app.process().stderr])
      stream?.on('data', (data) => {
        heard += data
      })
    await field(desk).waitFor()
    const answers = await desk.page.evaluate(async () => [
      await window.swarmpad.unlock('x'.repeat(1_025)),
      await window.swarmpad.unlock(7 as never),
      await window.swarmpad.unlock('wrong passphrase'),
    ])
    expect(answers).toMatchObject([
      { code: 'REQUEST_INVALID' },
      { code: 'REQUEST_INVALID' },
      { code: 'PASSPHRASE_WRONG' },
    ])
    await unlock(desk)
    await desk.page.getByRole('button', { name: /^Of a program/ }).waitFor()
    await desk.quit()
    expect(heard).not.toContain(words)
    expect(heard).not.toContain('wrong passphrase')
    const refused = openWorkspace({ directory, bootstrap: room.nodes })
    await expect(refused).rejects.toMatchObject({ code: 'KEY_SEALED' })
  })
})

it('a key file that is damaged, cut or empty is told, and left as it is', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('precious')
  await ada.says('Saved')
  await ada.quit()
  const sound = keyOf(ada.profile)
  const damaged = Buffer.concat([sound.subarray(0, 20), Buffer.of(0), sound.subarray(21)])
  for (const spoilt of [damaged, sound.subarray(0, 40), Buffer.alloc(0)]) {
    writeFileSync(join(ada.profile, 'key'), spoilt)
    const again = await room.desk({ profile: ada.profile })
    await again.page.getByRole('heading', { name: 'Your documents could not be read' }).waitFor()
    expect(await again.quit()).toBe(1)
    expect(keyOf(ada.profile)).toEqual(spoilt)
  }
  writeFileSync(join(ada.profile, 'key'), sound)
  const mended = await room.desk({ profile: ada.profile })
  await mended.page.getByRole('button', { name: /^precious/ }).waitFor()
})

const missing = missingForKeyring()
describe.skipIf(missing)(`a real keyring${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const sessions: SecretService[] = []
  afterEach(async () => {
    await room.clear()
    for (const session of sessions.splice(0)) await session.close()
  })

  async function logIn(): Promise<SecretService> {
    const session = new SecretService(room.folder())
    sessions.push(session)
    await session.open()
    return session
  }
  const keyringOf = ({ env }: SecretService) => ({ kind: 'gnome-libsecret', env })
  const isSealed = (profile: string) => keyOf(profile).readUInt8(13) === 1

  it('seals the key at the first start and opens it at the second', async () => {
    const session = await logIn()
    const ada = await room.desk({ name: 'Ada', keyring: keyringOf(session) })
    expect(isSealed(ada.profile)).toBe(true)
    expect(await ada.page.getByRole('button', { name: 'Set a passphrase' }).count()).toBe(0)
    await ada.create('kept by a keyring')
    await ada.says('Saved')
    await ada.fromYourMenu('Protection')
    await ada.page.getByText('locked by the keyring').waitFor()
    await ada.page.keyboard.press('Escape')
    await ada.quit()

    const before = keyOf(ada.profile)
    const again = await room.desk({ profile: ada.profile, keyring: keyringOf(session) })
    await again.page.getByRole('button', { name: /^kept by a keyring/ }).waitFor()
    await again.quit()

    // Gone; then another person's; then back.
    await session.takeKeyring()
    const other = await logIn()
    for (const elsewhere of [session, other]) {
      const desk = await room.desk({ profile: ada.profile, keyring: keyringOf(elsewhere) })
      await desk.page.getByRole('heading', { name: 'Your documents are locked' }).waitFor()
      await desk.page.getByText('unlock the keyring').waitFor()
      expect(await desk.quit()).toBe(1)
      expect(keyOf(ada.profile)).toEqual(before)
    }
    await session.bringKeyring()
    const back = await room.desk({ profile: ada.profile, keyring: keyringOf(session) })
    await back.page.getByRole('button', { name: /^kept by a keyring/ }).waitFor()
  })

  it('takes in a key that lay in the clear, and gives way to a passphrase', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('older')
    await ada.says('Saved')
    await ada.quit()
    // As a version before this one left it: the last 32 bytes but for the hash.
    const bare = keyOf(ada.profile).subarray(-64, -32)
    writeFileSync(join(ada.profile, 'key'), bare)
    const keyring = keyringOf(await logIn())
    const again = await room.desk({ profile: ada.profile, keyring })
    await again.page.getByRole('button', { name: /^older/ }).waitFor()
    await again.fromYourMenu('Protection')
    await again.page.getByText('locked by the keyring').waitFor()
    expect(isSealed(ada.profile)).toBe(true)
    await setPassphrase(again)
    expect(isSealed(ada.profile)).toBe(false)
    await again.quit()
    const locked = await room.desk({ profile: ada.profile, keyring })
    await unlock(locked)
    await locked.page.getByRole('button', { name: /^older/ }).waitFor()
  })
})
