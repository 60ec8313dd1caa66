import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import { SwarmpadError } from '../../main/base/errors'
import { MasterKey } from '../../main/profile/master-key'
import { LevelStore } from '../../main/storage/level-store'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { Workspace } from '../../main/workspace/workspace'
import { errorWords } from '../../preload/messages/errors'
import { duplexPair } from '../support/duplex-pair'
import { fuzzSeed } from '../support/fuzz'
import { InlineReplicas } from '../support/inline-replica'
import { inlineSearch } from '../support/inline-search'
import { quiet } from '../support/manual-clock'
import { randomFrom } from '../support/random'
import { unplaced } from '../support/sim-network'
import { ManualNetwork } from '../unit/sync/world'

const { bytes: random } = randomFrom(fuzzSeed)
const environment = { ...systemEnvironment, random }

/** A profile at work, on a disk and with nobody there unless the test connects them. */
class Profile {
  readonly workspace: Workspace
  readonly network = new ManualNetwork(random(32))
  readonly notices: string[] = []
  private readonly replicas = new InlineReplicas(() => Date.now())

  constructor(directory: string) {
    const masterKey = new MasterKey({ directory, random })
    this.workspace = new Workspace({
      store: new LevelStore(join(directory, 'store')),
      network: this.network,
      environment,
      startReplica: this.replicas.start,
      startSearch: inlineSearch,
      masterKey: (begun) => masterKey.open(begun),
      name: 'Zoë',
    })
    this.workspace.on('notice', ({ message }) => this.notices.push(message))
  }

  async close(): Promise<void> {
    await this.workspace.close()
    this.replicas.freeAll()
  }
}

/** A profile on a disk that was written well, of which tests change copies. */
export class SoundProfile {
  readonly directory: string
  private readonly folder: string
  private readonly textsById = new Map<string, string>()
  private readonly databases: string[] = []
  private copies = 0

  private constructor(folder: string) {
    this.folder = folder
    this.directory = join(folder, 'sound')
  }

  /** Writes it in two rounds, so that its database has both a log and a table. */
  static async create(): Promise<SoundProfile> {
    const profile = new SoundProfile(await mkdtemp(join(tmpdir(), 'swarmpad-databases-')))
    for (const round of [1, 2]) await profile.writeRound(round)
    return profile
  }

  /** The texts of its documents by their ids. */
  get texts(): ReadonlyMap<string, string> {
    return this.textsById
  }

  /** Copies of its database from the end of each round. */
  get older(): readonly string[] {
    return this.databases
  }

  /** Makes a copy, changes it, uses it, and removes it. */
  async withCopy<T>(
    change: (directory: string) => Promise<void>,
    use: (directory: string) => Promise<T>,
  ): Promise<T> {
    const directory = join(this.folder, `copy ${++this.copies}`)
    await cp(this.directory, directory, { recursive: true })
    try {
      await change(directory)
      return await use(directory)
    } finally {
      await rm(directory, { recursive: true })
    }
  }

  /** Removes it with all copies. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true })
  }

  /** Opens it, writes into it together with somebody else, closes it and keeps a copy of its database. */
  private async writeRound(round: number): Promise<void> {
    const mine = new Profile(this.directory)
    const other = new Profile(join(this.folder, `other ${round}`))
    await Promise.all([mine.workspace.open(), other.workspace.open()])
    const documents = round === 1 ? await createThree(mine) : await openAll(mine)
    for (const document of documents) {
      await document.edit([{ from: 0, to: 0, insert: `round ${round}: ` }])
      await document.saved()
    }
    const [first] = documents
    if (!first) throw new Error('no document')
    const theirs = await other.workspace.openDocument(await first.link('write'))
    connect(mine, other)
    await theirs.whenSynced({ timeout: 120_000 })
    for (let n = 0; n < 3; n++) {
      await theirs.edit([{ from: 0, to: 0, insert: `theirs ${round}.${n} ` }])
      await theirs.saved()
    }
    await theirs.whenSynced({ timeout: 120_000 })
    await first.settled()
    for (const document of documents) this.textsById.set(document.id, await document.text())
    await Promise.all([other.close(), mine.close()])
    const copy = join(this.folder, `older ${round}`)
    await cp(join(this.directory, 'store'), copy, { recursive: true })
    this.databases.push(copy)
  }
}

async function createThree({ workspace }: Profile): Promise<SharedDocument[]> {
  const documents: SharedDocument[] = []
  for (const name of ['one', 'two', 'three'])
    documents.push(await workspace.createDocument({ text: `# ${name}\n\n${name.repeat(900)}\n` }))
  return documents
}

async function openAll({ workspace }: Profile): Promise<SharedDocument[]> {
  const documents: SharedDocument[] = []
  for (const { id } of workspace.summaries()) documents.push(await workspace.document(id))
  return documents
}

function connect(one: Profile, other: Profile): void {
  const ends = duplexPair()
  const handshakeHash = random(64)
  for (const [index, { network }] of [one, other].entries())
    network.emit('connection', {
      stream: ends[index] ?? ends[0],
      isInitiator: index === 0,
      remotePublicKey: (index === 0 ? other : one).network.publicKey,
      handshakeHash,
      ...unplaced,
    })
}

/** Result of opening a profile and each of its documents. */
export interface Found {
  /** Why the profile was not opened. */
  readonly refused: SwarmpadError | null
  /** By document: its text, or the message shown in its place. */
  readonly documents: ReadonlyMap<string, { text: string; told: string | null }>
  readonly notices: readonly string[]
}

/** Opens a profile with the real code, reads all documents, and closes it. Anything but a SwarmpadError is thrown on. */
export async function openAndRead(directory: string): Promise<Found> {
  const profile = new Profile(directory)
  const documents = new Map<string, { text: string; told: string | null }>()
  try {
    await profile.workspace.open()
  } catch (error) {
    if (!(error instanceof SwarmpadError)) throw error
    return { refused: error, documents, notices: [] }
  }
  for (const { id } of profile.workspace.summaries())
    try {
      const document = await profile.workspace.document(id)
      const problem = () => document.opened().status.problem
      const until = performance.now() + 20_000
      while (document.opened().status.loading && !problem() && performance.now() < until) await quiet(1)
      expect(document.opened().status.loading && !problem(), 'neither read nor told of').toBe(false)
      documents.set(id, { text: await document.text(), told: problem() })
    } catch (error) {
      if (!(error instanceof SwarmpadError)) throw error
      documents.set(id, { text: '', told: errorWords(error) })
    }
  await profile.close()
  return { refused: null, documents, notices: profile.notices }
}

/** True if a message tells a layperson that something is damaged, and what to do. */
export const saysSo = (message: string): boolean =>
  /damaged|cannot be read|missing|changed/.test(message) && /backup|newer/.test(message)
