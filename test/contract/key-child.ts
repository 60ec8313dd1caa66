import { randomBytes } from 'node:crypto'
import { replaceFile } from '../../main/base/atomic-file'
import { keyFileBytes, readKeyFile } from '../../main/profile/key-file'
import { inTheClear, sealedByKeyring } from '../../main/profile/key-protectors'
import { MasterKey } from '../../main/profile/master-key'
import { TestKeyring } from '../support/keyring'

const [mode = '', directory = '', secret = ''] = process.argv.slice(2)
const say = (line: string | number) => process.stdout.write(`${line}\n`)

/** Makes keys of profiles, one after the other, and says each that is on the disk. */
async function make(): Promise<void> {
  for (let number = 0; ; number++) {
    await new MasterKey({ directory: `${directory}/${number}`, random: randomBytes }).open(false)
    say(number)
  }
}

/** Keeps changing the way in which a key is kept, as fast as the disk allows. */
async function turn(): Promise<void> {
  const master = new MasterKey({ directory, random: randomBytes, keyring: async () => keyring })
  const keyring = new TestKeyring(Buffer.from(secret, 'hex'))
  const key = await master.open(true)
  const forms = [inTheClear(key, true), await sealedByKeyring(key, keyring)] as const
  for (let count = 0; ; count++) {
    const form = count % 2 === 0 ? forms[0] : forms[1]
    const prove = async (bytes: Buffer) => void (await form.reopen(readKeyFile(bytes)))
    await replaceFile({ path: `${directory}/key`, bytes: keyFileBytes(form.file), prove })
    say(form.file.protection)
  }
}

/** Changes from one passphrase to the other and back. */
async function change(): Promise<void> {
  const master = new MasterKey({ directory, random: randomBytes, passphrase: 'passphrase 0' })
  await master.open(true)
  for (let count = 0; ; count = 1 - count) {
    say('begun')
    await master.setPassphrase(`passphrase ${count}`, `passphrase ${1 - count}`)
  }
}

if (mode === 'make') await make()
else if (mode === 'turn') await turn()
else await change()
