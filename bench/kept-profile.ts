import { join } from 'node:path'
import { systemEnvironment } from '../main/base/environment'
import { hex } from '../main/base/hex'
import { openWorkspace } from '../main/headless'
import { type DocumentKeys, makeManifest } from '../main/keys/derive'
import { Library } from '../main/library/library'
import { nothingNoted } from '../main/library/library-entry'
import { MasterKey } from '../main/profile/master-key'
import { Vault } from '../main/profile/vault'
import { LevelStore } from '../main/storage/level-store'
import { randomFrom } from '../test/support/random'
import { typeLog } from '../test/support/typed-log'
import type { Place } from './place'
import { prose } from './text'

/** Ms between the last edits of two documents. */
const minute = 60_000

/** Makes a profile that keeps documents, each with a session of so many changes of one character in its log. */
export async function keepMany(
  directory: string,
  { bootstrap }: Pick<Place, 'bootstrap'>,
  all: readonly DocumentKeys[],
  characters = 200,
): Promise<void> {
  const workspace = await openWorkspace({ directory, bootstrap, name: 'Bench' })
  await workspace.setOffline(true)
  await workspace.close()
  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const { random } = systemEnvironment
  const vault = new Vault({ store, key: await new MasterKey({ directory, random }).open(true), random })
  const library = new Library({ vault, store, forgetLog: async () => undefined })
  const fresh = { waiting: false, removedAt: null, shared: true, ...nothingNoted }
  for (const [index, keys] of all.entries()) {
    const title = `Document ${index}`
    const editedAt = Date.now() - index * minute
    await library.put({
      keys,
      manifest: hex(makeManifest(keys)),
      title,
      editedAt,
      createdAt: editedAt,
      ...fresh,
    })
    await typeLog(store, keys, prose(randomFrom(index), characters))
  }
  await store.close()
}
