import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemEnvironment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import { keysFromWrite, makeManifest } from '../../main/keys/derive'
import { Library } from '../../main/library/library'
import { nothingNoted } from '../../main/library/library-entry'
import { MasterKey } from '../../main/profile/master-key'
import { Vault } from '../../main/profile/vault'
import { LevelStore } from '../../main/storage/level-store'
import type { Desk, Room } from './app'
import { randomFrom } from './random'

/** The built program without a window. */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL('out/main/headless.js').href
)

const long =
  'Minutes of the meeting about the benches, the lanterns, the cider and everything else that anybody said since spring'
const word = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsentwurf'
const arabic = 'خطة مهرجان الخريف في البستان القديم'
const hebrew = 'רשימת הציוד לפסטיבל (2027) – Plan B'
const names = [
  long,
  word,
  arabic,
  hebrew,
  '秋祭りの計画と提灯の手配',
  '🎪 Festival',
  'Orchard',
  'C# & <b>notes</b>',
]
const folders = ['', 'Choir/Spring', 'مهرجان/الموسيقى', `${word.slice(0, 90)}/Inner`, '']

const minute = 60_000

/** Puts documents into the library of a profile that nobody has open, without any text; resolves to their ids. */
async function list(directory: string, count: number): Promise<string[]> {
  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const { random } = systemEnvironment
  const vault = new Vault({ store, key: await new MasterKey({ directory, random }).open(true), random })
  const library = new Library({ vault, store, forgetLog: async () => undefined })
  const secrets = randomFrom(7)
  const entries = Array.from({ length: count }, (_, index) => {
    const keys = keysFromWrite(secrets.bytes(32))
    const editedAt = Date.now() - (index + 10) * (index + 10) * minute
    const title = `${names[index % names.length]} ${index}`
    const times = { editedAt, createdAt: editedAt, removedAt: null }
    const rest = { manifest: hex(makeManifest(keys)), waiting: false, ...nothingNoted, shared: false }
    return { keys, title, ...times, ...rest }
  })
  await library.putAll(entries)
  await store.close()
  return entries.map(({ keys }) => hex(keys.documentId))
}

/**
 * Leads one person through a library of `count` documents, with long names and such from right to left, and calls
 * `visit` at each screen with a name for it.
 */
export async function libraryTour(
  room: Room,
  dark: boolean,
  visit: (name: string, desk: Desk) => Promise<void>,
  count: number,
): Promise<void> {
  const profile = room.folder()
  const open = () => openWorkspace({ directory: profile, bootstrap: room.nodes, name: 'Ada' })
  const first = await open()
  await first.setOffline(true)
  const written: string[] = []
  for (const text of [
    `# ${arabic}\n\nنفتح الأبواب في الساعة **الثانية**. #خريف #plan\n\n- [ ] forty benches\n- [x] المفتاح`,
    `# ${long}\n\nWe ring Theo. #plan #${word}\n\nSee [[${arabic}]] and [[${word}]].`,
    `# ${word}\n\n${hebrew} #plan`,
  ]) {
    const document = await first.createDocument({ text })
    written.push(document.id)
    await document.close()
  }
  await first.close()
  const ids = await list(profile, count)
  const second = await open()
  for (const [index, folder] of folders.entries())
    await second.arrange(
      ids.filter((_, place) => place % folders.length === index),
      { folder },
    )
  await second.arrange(written, { pinned: true })
  await second.close()

  const desk = await room.desk({ profile, dark })
  const { page } = desk
  const library = page.getByRole('navigation', { name: 'Documents' })
  const row = (title: string) => library.getByRole('button', { name: title.slice(0, 30) }).first()
  await row(arabic).waitFor()
  await visit('large-library', desk)
  for (const title of [word, long, arabic]) await row(title).click({ button: 'middle' })
  await page.locator('.cm-content .md-tag').first().waitFor()
  await visit('right-to-left', desk)
  for (const title of [arabic, long, word]) await row(title).click({ modifiers: ['ControlOrMeta'] })
  await row(long).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Save copies…' }).waitFor()
  await visit('several-selected', desk)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Select nothing' }).click()
  await page.getByLabel('Search documents').fill('forty')
  await library.getByText('forty benches').waitFor()
  await visit('library-found', desk)
  await page.getByLabel('Search documents').fill('')
  await desk.menu('Go to…')
  await page.keyboard.type('plan')
  await page.getByRole('option').first().waitFor()
  await visit('palette-long', desk)
  await page.keyboard.press('Escape')
}
