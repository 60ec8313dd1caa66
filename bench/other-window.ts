import { join } from 'node:path'
import { systemEnvironment } from '../main/base/environment'
import { startReplicaThread } from '../main/document/replica-thread'
import { openWorkspace } from '../main/headless'
import { SwarmNetwork } from '../main/network/swarm-network'
import { MasterKey } from '../main/profile/master-key'
import { startSearchThread } from '../main/search/search-thread'
import { LevelStore } from '../main/storage/level-store'
import { harden } from '../main/sync/wire/hardened-mux'
import type { SharedDocument } from '../main/workspace/shared-document'
import { Workspace } from '../main/workspace/workspace'
import { randomFrom } from '../test/support/random'
import { Place, pause, workerFile } from './place'
import { report, reportSpread } from './report'
import { Role, released, roleOptions, tell } from './role'
import { prose, sizes } from './text'

/** How long the way of a key may take at most, in ms, before the bench gives up. */
const limit = 60_000
const keys = 80

interface PeerOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
  readonly link: string
}

/** Report from the other window; `at` is the machine's monotonic clock in ms. */
interface PeerState {
  /** Reason for the report: the document was opened, the text changed, or a report was requested. */
  readonly why: 'open' | 'change' | 'asked'
  readonly at: number
  readonly received: number
  readonly sent: number
}

const now = (): number => Number(process.hrtime.bigint()) / 1e6

const peer = roleOptions<PeerOptions>('peer')
if (peer) await bePeer(peer)
else await measure()

/** A key's way from one process to the text of another, and what it costs on the wire. */
async function measure(): Promise<void> {
  const random = randomFrom(5)
  const place = await Place.open()
  for (const { name, size } of sizes) {
    const workspace = await openWorkspace({ directory: place.folder(), bootstrap: place.bootstrap })
    const document = await workspace.createDocument({ text: prose(random, size) })
    const link = await document.link('write')
    const options: PeerOptions = { directory: place.folder(), bootstrap: place.bootstrap, link }
    const started = now()
    const other = new Role<PeerState>('peer', options)
    const { at } = await other.next()
    report(`a second person's start to the whole text, ${name}`, at - started, 'ms')
    // By now the work that follows a first meeting is over.
    await document.whenSynced({ timeout: limit })
    await pause(3_000)

    const slow = await typed(document, other, { gap: () => 150 + random.below(100), alone: true })
    reportSpread(`key to the other window, ${name}`, slow.times, 'ms', 50)
    report(`on the wire, a key of slow typing, ${name}`, slow.received / keys, 'bytes')
    report(`back for it (receipts), ${name}`, slow.sent / keys, 'bytes')
    const fast = await typed(document, other, { gap: () => 40, alone: false })
    report(`on the wire, a key at 25 a second, ${name}`, fast.received / keys, 'bytes')
    await other.end()
    await workspace.close()
  }
  await place.close()
}

/** Types keys at one place; with `alone`, each waits for the one before to arrive. */
async function typed(
  document: SharedDocument,
  other: Role<PeerState>,
  { gap, alone }: { gap: () => number; alone: boolean },
): Promise<{ times: number[]; received: number; sent: number }> {
  const before = await ask(other)
  const times: number[] = []
  const from = Math.floor((await document.text()).length / 2)
  for (let key = 0; key < keys; key++) {
    await pause(gap())
    const started = now()
    const arrived = alone ? other.next(({ why }) => why === 'change') : null
    await document.edit([{ from: from + key, to: from + key, insert: 'x' }])
    if (arrived) times.push((await arrived).at - started)
  }
  await document.whenSynced({ timeout: limit })
  await pause(1_000)
  const after = await ask(other)
  return { times, received: after.received - before.received, sent: after.sent - before.sent }
}

function ask(other: Role<PeerState>): Promise<PeerState> {
  other.send({})
  return other.next(({ why }) => why === 'asked')
}

async function bePeer({ directory, bootstrap, link }: PeerOptions): Promise<void> {
  const environment = systemEnvironment
  const network = new SwarmNetwork({ environment, bootstrap, guard: harden })
  const workspace = new Workspace({
    environment,
    store: new LevelStore(join(directory, 'store')),
    network,
    startReplica: startReplicaThread(workerFile('worker.js'), environment.clock),
    startSearch: startSearchThread(workerFile('search-worker.js')),
    masterKey: (begun) => new MasterKey({ directory, random: environment.random }).open(begun),
  })
  // Counts what the sockets carry, below the encryption.
  const streams: { rawStream: { bytesReceived: number; bytesTransmitted: number } }[] = []
  network.on('connection', (connection) => streams.push(connection.stream as never))
  const state = (why: PeerState['why']): PeerState => ({
    why,
    at: now(),
    received: streams.reduce((sum, { rawStream }) => sum + rawStream.bytesReceived, 0),
    sent: streams.reduce((sum, { rawStream }) => sum + rawStream.bytesTransmitted, 0),
  })
  await workspace.open()
  const document = await workspace.openDocument(link)
  await document.whenSynced({ timeout: limit })
  tell(state('open'))
  document.on('change', () => tell(state('change')))
  process.on('message', () => tell(state('asked')))
  await released()
  await workspace.close()
}
