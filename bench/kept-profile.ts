import { join } from 'node:path'
import { openWorkspace } from '../main/headless'
import type { DocumentKeys } from '../main/keys/derive'
import { formatLink } from '../main/keys/link'
import { LevelStore } from '../main/storage/level-store'
import { randomFrom } from '../test/support/random'
import { typeLog } from '../test/support/typed-log'
import type { Place } from './place'
import { prose } from './text'

/** Makes a profile that keeps documents, each with a session of so many changes of one character in its log. */
export async function keepMany(
  directory: string,
  { bootstrap }: Pick<Place, 'bootstrap'>,
  all: readonly DocumentKeys[],
  characters = 200,
): Promise<void> {
  const workspace = await openWorkspace({ directory, bootstrap })
  await workspace.setOffline(true)
  for (const keys of all) await workspace.keepDocument(formatLink(keys, 'write'))
  await workspace.close()
  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  for (const [index, keys] of all.entries()) await typeLog(store, keys, prose(randomFrom(index), characters))
  await store.close()
}
