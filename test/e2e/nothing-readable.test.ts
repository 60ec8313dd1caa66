import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keysFromWrite } from '../../main/keys/derive'
import { formatLink, parseLink } from '../../main/keys/link'
import { readKeyFile } from '../../main/profile/key-file'
import { openWithPassphrase } from '../../main/profile/key-protectors'
import { Vault } from '../../main/profile/vault'
import { LevelStore } from '../../main/storage/level-store'
import type { Bridge } from '../../preload/contract/bridge'
import { type Desk, Room } from '../support/app'
import { missingForKeyring, SecretService } from '../support/secret-service'
import { filesIn, type Secrets, traces } from '../support/secrets'
import { recordSockets, WireCapture } from '../support/wire-capture'

const words = 'correct horse battery'
/** Words that stand nowhere else; long ones, so that what cuts text in pieces still shows one whole. */
const text: Secrets = {
  title: 'Zymurgical-Ledger',
  typed: 'vermilionokapihums',
  'typed wrongly': 'mispeledgazeboes',
  pasted: 'quixoticmarmaladefjord',
  'of others': 'obstreperouswalrus',
  'looked for': 'jabberwockyquery',
  folder: 'Perspicaciousfolder',
  'own word': 'mimsyborogovewords',
  'first name': 'Adalgisa Quxwhistle',
  'second name': 'Benvolio Wraxlethorpe',
  'third name': 'Cleopatra Jixenberry',
  passphrase: words,
}

let room: Room
let session: SecretService | null
let capture: WireCapture | null
beforeEach(async () => {
  session = null
  room = new Room()
  await room.open()
  capture = await WireCapture.start()
})
afterEach(async () => {
  await capture?.stop()
  await room.clear()
  await session?.close()
  await room.close()
})

it('finds what is written down in any form, wherever it stands', () => {
  const secrets = { word: 'naïveté-grüße', key: Buffer.from('00ff7fe1c0ffee5a17', 'hex') }
  for (const [name, secret] of Object.entries(secrets))
    for (const bytes of [
      Buffer.from(secret as string),
      ...(typeof secret === 'string' ? [Buffer.from(secret, 'utf16le')] : []),
    ])
      for (let before = 0; before < 4; before++) {
        const within = Buffer.concat([Buffer.alloc(before, 'x'), bytes, Buffer.from('more')])
        for (const encoding of ['latin1', 'hex', 'base64', 'base64url'] as const) {
          const place = Buffer.from(within.toString(encoding), encoding === 'latin1' ? 'latin1' : 'utf8')
          const found = traces([['place', place]], secrets)
          expect(found.join(), `${name} in ${encoding} after ${before}`).toContain(`place: ${name}`)
        }
      }
  expect(traces([['place', Buffer.from('nothing of it')]], secrets)).toEqual([])
})

it('neither the wire nor any file of a profile says anything', async () => {
  if (!missingForKeyring()) {
    session = new SecretService(room.folder())
    await session.open()
  }
  // One profile in each way, as far as this machine has a keyring.
  const ada = await room.desk({ name: String(text['first name']) })
  const ben = await room.desk({
    name: String(text['second name']),
    ...(session ? { keyring: { kind: 'gnome-libsecret', env: session.env } } : {}),
  })
  const cleo = await room.desk({ name: String(text['third name']) })
  const recorded = await Promise.all([ada, ben, cleo].map(({ app }) => recordSockets(app)))
  const bare = readKeyFile(keyOf(ada))
  await ada.fromYourMenu('Protection')
  await ada.page.getByLabel('New passphrase', { exact: true }).fill(words)
  await ada.page.getByLabel('New passphrase again').fill(words)
  await ada.page.keyboard.press('Enter')
  await ada.page.getByText('The passphrase is set').waitFor()
  await ada.page.keyboard.press('Escape')

  const link = await writeTogether(ada, ben, cleo)
  const keys = keysFromWrite(parseLink(link).secret)
  const keyOfBen = session ? await keyFromKeyring(ben) : keyInTheClear(ben)
  const running = [ada, ben, cleo].map(({ profile }) => [...filesIn(profile)])
  const said = (await Promise.all(recorded.map((read) => read()))).flat()

  await ada.quit()
  await ben.kill()
  await cleo.quit()
  const sealed = readKeyFile(keyOf(ada))
  if (sealed.protection !== 'passphrase' || bare.protection !== 'file')
    throw new Error('the key is kept in another way')
  const master = { ada: await openWithPassphrase(sealed, words), ben: keyOfBen, cleo: keyInTheClear(cleo) }
  expect(Buffer.from(master.ada).equals(bare.key)).toBe(true)
  const links = {
    'write link': link,
    'read link': formatLink(keys, 'read'),
    'keep link': formatLink(keys, 'keep'),
  }
  const { write, read, keep, content, presence, manifest, salt, sign } = keys
  if (!write || !read || !content || !presence || !manifest || !salt || !sign)
    throw new Error('a key is missing')
  const secrets: Secrets = {
    ...text,
    ...Object.fromEntries(Object.entries(links).map(([name, link]) => [name, link.replace('swarmpad:', '')])),
    ...{ write, read, keep, content, presence, manifest, salt, 'signing key': sign.subarray(0, 32) },
    "Ada's master key": master.ada,
    "Ben's master key": master.ben,
    "Cleo's master key": master.cleo,
    "Ada's author key": await authorSeed(ada, master.ada),
    "Ben's author key": await authorSeed(ben, master.ben),
    "Cleo's author key": await authorSeed(cleo, master.cleo),
  }

  // All that was said: to the sockets, and over the wire where this machine shows it.
  const wire = capture ? [Buffer.concat(said), await crossed(capture, said)] : [Buffer.concat(said)]
  if (!capture) console.log('the wire was not captured: neither tcpdump nor python3 may here; sockets were')
  for (const [index, bytes] of wire.entries()) {
    expect(bytes.length).toBeGreaterThan(20_000)
    expect(traces([['the wire', bytes]], secrets)).toEqual([])
    // The topic is what everybody may see: what looks for secrets would have found them.
    expect(traces([[`wire ${index}`, bytes]], { topic: keys.topic })).toEqual([
      `wire ${index}: topic (as it is)`,
    ])
  }

  const inTheClear = (name: string) => [`key: ${name}'s master key (as it is)`]
  const expected = [[], session ? [] : inTheClear('Ben'), inTheClear('Cleo')]
  for (const [index, desk] of [ada, ben, cleo].entries()) {
    const files = [...filesIn(desk.profile)]
    expect(traces(running[index] ?? [], secrets)).toEqual(expected[index])
    expect(traces(files, secrets)).toEqual(expected[index])
    // Chromium's own files and the database are among those that were looked into.
    const names = files.map(([name]) => name)
    expect(names).toContain('store/CURRENT')
    expect(names.filter((name) => name.startsWith('window/')).length).toBeGreaterThan(3)
  }
})

const keyOf = ({ profile }: Desk): Buffer => readFileSync(join(profile, 'key'))

/** Everything that people do with text, so that whatever could keep some of it has had the chance. */
async function writeTogether(ada: Desk, ben: Desk, cleo: Desk): Promise<string> {
  await ada.create(`# ${text.title}\n\n${text.typed} ${text['typed wrongly']} `)
  await ada.paste(`${text.pasted} `.repeat(40))
  const link = await ada.link()
  await Promise.all([ben.join(link), cleo.join(link)])
  await ben.editor.getByText(String(text.pasted)).first().waitFor()
  await ben.type(` ${text['of others']}`)
  await ada.editor.getByText(String(text['of others'])).first().waitFor()
  await cleo.editor.getByText(String(text['of others'])).first().waitFor()
  await ada.editor.press('Control+f')
  await ada.findIsReady()
  await ada.page.keyboard.type(String(text['looked for']))
  await ada.page.keyboard.press('Escape')
  const arranged = await ada.page.evaluate(
    async ({ folder, word }) => {
      const { swarmpad } = window as unknown as { swarmpad: Bridge }
      const listed = await swarmpad.documents()
      const ids = listed.ok ? listed.value.map(({ id }) => id) : []
      return [await swarmpad.arrange(ids, { folder, pinned: true }), await swarmpad.addOwnWord(word)]
    },
    { folder: String(text.folder), word: String(text['own word']) },
  )
  expect(arranged.map(({ ok }) => ok)).toEqual([true, true])
  await ben.link('read')
  await ada.page.reload()
  await ada.page.getByRole('button', { name: new RegExp(`^${text.title}`) }).click()
  await ada.editor.getByText(String(text['of others'])).first().waitFor()
  for (const desk of [ada, ben, cleo]) await desk.says('Saved', 'In sync with 2 people')
  return link
}

function keyInTheClear(desk: Desk): Uint8Array {
  const file = readKeyFile(keyOf(desk))
  if (file.protection !== 'file') throw new Error('the key is sealed')
  return file.key
}

/** The key, as the keyring gives it to the app that has sealed it, and to nobody else. */
async function keyFromKeyring(desk: Desk): Promise<Uint8Array> {
  const file = readKeyFile(keyOf(desk))
  if (file.protection !== 'keyring') throw new Error('the key is not in the keyring')
  const sealed = Buffer.from(file.sealed).toString('base64')
  const hex = await desk.app.evaluate(
    ({ safeStorage }, sealed) => safeStorage.decryptString(Buffer.from(sealed, 'base64')),
    sealed,
  )
  return Buffer.from(hex, 'hex')
}

/** Reads the seed that proves a person's identity from a closed profile. */
async function authorSeed({ profile }: Desk, key: Uint8Array): Promise<Uint8Array> {
  const store = new LevelStore(join(profile, 'store'))
  await store.open()
  try {
    const vault = new Vault({ store, key, random: () => Buffer.alloc(24) })
    const { seed } = (await vault.read('profile', Buffer.alloc(0))) as { seed: string }
    return Buffer.from(seed, 'hex')
  } finally {
    await store.close()
  }
}

/** Returns the captured traffic once all earlier packets are in it; checks that it contains the messages. */
async function crossed(capture: WireCapture, said: readonly Buffer[]): Promise<Buffer> {
  expect(await capture.sees('the last packet')).toBe(true)
  const { bytes } = capture
  // A message that fits in a packet is in a single one. Not all are captured, since some are sent to nobody.
  const short = said.filter(({ length }) => length >= 40 && length < 1_000)
  const seen = short.filter((part) => bytes.includes(part))
  expect(seen.length / short.length).toBeGreaterThan(0.9)
  return bytes
}
