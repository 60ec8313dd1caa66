import { join } from 'node:path'
import { systemEnvironment } from '../main/base/environment'
import { startReplicaThread } from '../main/document/replica-thread'
import { openWorkspace } from '../main/headless'
import { Keeper } from '../main/keeper/keeper'
import { formatLink, keysFromLink, parseLink } from '../main/keys/link'
import { defaultLimits } from '../main/log/quota'
import { SwarmNetwork } from '../main/network/swarm-network'
import { startSearchThread } from '../main/search/search-thread'
import { freeSpace } from '../main/storage/free-space'
import { LevelStore } from '../main/storage/level-store'
import { harden } from '../main/sync/wire/hardened-mux'
import { Workspace } from '../main/workspace/workspace'
import { Place, pause, workerFile } from './place'
import { report } from './report'
import { Role, released, roleOptions, tell } from './role'
import { typeProfile } from './typed-profile'

const edits = 260_000
/** As many as are gathered in a second of typing. */
const editsPerChange = 10

interface Options {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
  readonly link: string
  readonly keep: string
  readonly id: string
  /** Code units of the whole text. */
  readonly length: number
}

/** Counted from when the other was met, in ms and bytes. */
interface Joined {
  readonly toText: number
  readonly toSynced: number
  readonly received: number
}

const host = roleOptions<Options & { opens: boolean }>('host')
const keeper = roleOptions<Options>('keeper')
const fresh = roleOptions<Options>('fresh')
if (host) await serve(host)
else if (keeper) await keep(keeper)
else if (fresh) await joinIn(fresh)
else await measure()

/**
 * Someone who has nothing opens a document that was written in for long, from one who has the log alone, from one who
 * has a snapshot too, and from a keeper that got both from that one.
 */
async function measure(): Promise<void> {
  const place = await Place.open()
  const directory = place.folder()
  const { id, link, text, saved } = await typeProfile({ directory, place, edits, editsPerChange })
  const { bootstrap } = place
  report('a document of 260k keystrokes: Automerge saves it in', saved, 'bytes')
  for (const from of ['the log', 'a snapshot', 'a keeper alone'] as const) {
    const keep = formatLink(keysFromLink(parseLink(link)), 'keep')
    const options = { directory, bootstrap, link, keep, id, length: text.length, opens: from !== 'the log' }
    let server = new Role<{ ready: true }>('host', options)
    await server.next()
    if (from === 'a keeper alone') {
      const kept = new Role<{ ready: true }>('keeper', { ...options, directory: place.folder() })
      await kept.next()
      await server.end()
      server = kept
    }
    const client = new Role<Joined>('fresh', { ...options, directory: place.folder() })
    const { toText, toSynced, received } = await client.next()
    await client.end()
    await server.end()
    const aims = options.opens ? ([1_500, 2 * saved] as const) : ([undefined, undefined] as const)
    report(`someone new gets it from ${from}: to its text, from the meeting on`, toText, 'ms', aims[0])
    report(`someone new gets it from ${from}: to all of it checked and stored`, toSynced, 'ms')
    report(`someone new gets it from ${from}: received`, received, 'bytes', aims[1])
  }
  await place.close()
}

async function serve({ directory, bootstrap, id, opens }: Options & { opens: boolean }): Promise<void> {
  const workspace = await openWorkspace({ directory, bootstrap })
  if (opens) {
    // Opening it makes the snapshot, which is there a moment after the text.
    const document = await workspace.document(id)
    while (workspace.snapshotSize(id) === 0) await pause(20)
    await document.close()
  }
  tell({ ready: true })
  await released()
  await workspace.close()
}

/** Keeps it, and is ready when it has all of the log and the snapshot. */
async function keep({ directory, bootstrap, keep: link }: Options): Promise<void> {
  const environment = systemEnvironment
  const running = new Keeper({
    directory,
    environment,
    store: new LevelStore(join(directory, 'store')),
    network: new SwarmNetwork({ environment, guard: harden, lan: false, bootstrap: [...bootstrap] }),
    limits: defaultLimits,
    freeSpace: () => freeSpace(directory),
    holderSeed: environment.random(32),
    name: '',
    events: { onNotice: () => undefined },
  })
  await running.open()
  await running.add(link, '')
  const hasAll = () => {
    const [document] = running.state().documents
    return document !== undefined && document.changes >= edits / editsPerChange && document.snapshot > 0
  }
  while (!hasAll()) await pause(50)
  tell({ ready: true })
  await released()
  await running.close()
}

async function joinIn({ directory, bootstrap, link, length }: Options): Promise<void> {
  const environment = systemEnvironment
  const network = new SwarmNetwork({ environment, guard: harden, lan: false, bootstrap: [...bootstrap] })
  const workspace = new Workspace({
    environment,
    network,
    store: new LevelStore(join(directory, 'store')),
    startReplica: startReplicaThread(workerFile('worker.js'), environment.clock),
    startSearch: startSearchThread(workerFile('search-worker.js')),
    masterKey: async () => environment.random(32),
    freeSpace: () => freeSpace(directory),
  })
  await workspace.open()
  let met = 0
  let received = 0
  network.on('connection', (connection) => {
    met ||= performance.now()
    connection.stream.on('data', (data) => {
      received += (data as Uint8Array).length
    })
  })
  const document = await workspace.openDocument(link)
  while (document.opened().text.length < length)
    await new Promise<void>((resolve) => {
      const stop = document.on('updates', () => {
        stop()
        resolve()
      })
    })
  const toText = performance.now() - met
  // A keeper is no company that one is in sync with: then what is held has been checked when it is in the text.
  const withKeeper = () => document.opened().status.keepers.all > 0
  if (!withKeeper()) await document.whenSynced({ timeout: 600_000 })
  tell({ toText, toSynced: performance.now() - met, received } satisfies Joined)
  await released()
  await workspace.close()
}
