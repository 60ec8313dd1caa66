import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { expect, vi } from 'vitest'
import type { SharedDocument, Workspace } from '../../main/headless'
import { type DocumentKeys, keysFromKeep, keysFromRead, makeManifest } from '../../main/keys/derive'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { bucketCount, bucketDigestSize } from '../../main/log/format/version-vector'
import type { Port } from '../../main/sync/wire/channel'
import { encodeHave, encodeVector } from '../../main/sync/wire/messages'
import { watchSlowness } from '../support/process-cost'
import { type Attack, HostilePeer, type Line } from './hostile-peer'

/** The built program, with real threads and files. */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL('out/main/headless.js').href
)

/** How long anything may take, in ms. */
const limit = 120_000
/** How much more memory all of it may hold, those who attack included, in bytes. */
const memoryBudget = 300 * 1024 * 1024
/** Words that each of the two writes in one round of typing. */
const words = 10

/** Two people who write together over a real DHT and real connections, and whoever attacks them. */
export class Stage {
  /** Keys as the document's writers, readers and keepers have them. */
  readonly writer: DocumentKeys
  readonly reader: DocumentKeys
  readonly keeper: DocumentKeys
  /** Keys of a document that the two know nothing of. */
  readonly foreign: DocumentKeys
  readonly ada: SharedDocument
  readonly ben: SharedDocument
  private readonly testnet: Testnet
  private readonly folders: readonly string[]
  private readonly workspaces: readonly Workspace[]
  private peers: HostilePeer[] = []
  private guests: { workspace: Workspace; folder: string }[] = []
  private readonly unforeseen: unknown[] = []
  private readonly note = (error: unknown) => this.unforeseen.push(error)
  private readonly memory: number
  private undisturbed = 0
  private rounds = 0

  private constructor(options: {
    testnet: Testnet
    folders: readonly string[]
    workspaces: readonly Workspace[]
    documents: readonly [SharedDocument, SharedDocument]
    keys: DocumentKeys
    foreign: DocumentKeys
  }) {
    const { keys } = options
    this.testnet = options.testnet
    this.folders = options.folders
    this.workspaces = options.workspaces
    ;[this.ada, this.ben] = options.documents
    this.writer = keys
    this.reader = keysFromRead(keys.read ?? expect.fail(), makeManifest(keys))
    this.keeper = keysFromKeep(keys.keep, keys.verify ?? expect.fail())
    this.foreign = options.foreign
    process.on('uncaughtException', this.note)
    process.on('unhandledRejection', this.note)
    this.memory = process.memoryUsage().rss
  }

  /** Sets it up, and measures how long the two take undisturbed. */
  static async open(): Promise<Stage> {
    const testnet = await createTestnet(4)
    const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'swarmpad-hostile-')))
    const [one = '', other = ''] = folders
    const ada = await openWorkspace({ directory: one, bootstrap: testnet.bootstrap, name: 'Ada' })
    const ben = await openWorkspace({ directory: other, bootstrap: testnet.bootstrap, name: 'Ben' })
    const document = await ada.createDocument({ title: 'Besieged' })
    const link = await document.link('write')
    const there = await ben.openDocument(link)
    const elsewhere = await ada.createDocument({ title: 'Another' })
    const foreign = keysFromLink(parseLink(await elsewhere.link('write')))
    await elsewhere.close()
    const stage = new Stage({
      testnet,
      folders,
      workspaces: [ada, ben],
      documents: [document, there],
      keys: keysFromLink(parseLink(link)),
      foreign,
    })
    await stage.type()
    const times = [await stage.type(), await stage.type(), await stage.type()].sort((a, b) => a - b)
    stage.undisturbed = times[1] ?? limit
    return stage
  }

  /** Lets somebody attack whomever of the two it meets, until `end`; resolves when it has met both. */
  async attack(attack: Attack, seed = 1): Promise<HostilePeer> {
    const peer = new HostilePeer(this.testnet.bootstrap, attack, seed)
    this.peers.push(peer)
    await peer.open(this.writer.topic)
    await this.until('both are met', () => new Set(peer.lines.map(metBy)).size >= 2)
    return peer
  }

  /** Somebody else starts the program and opens the document, by the link of some role. */
  async enter(name: string, role: 'write' | 'read'): Promise<SharedDocument> {
    const folder = mkdtempSync(join(tmpdir(), 'swarmpad-hostile-'))
    const workspace = await openWorkspace({ directory: folder, bootstrap: this.testnet.bootstrap, name })
    this.guests.push({ workspace, folder })
    return workspace.openDocument(await this.ada.link(role))
  }

  /** Waits until something holds. */
  until(what: string, holds: () => boolean): Promise<void> {
    return vi.waitFor(() => expect(holds(), what).toBe(true), { timeout: limit, interval: 20 })
  }

  /** Waits until both have a text of which something holds. */
  async untilText(holds: (text: string) => boolean): Promise<void> {
    for (const document of [this.ada, this.ben])
      await vi.waitFor(async () => expect(holds(await document.text())).toBe(true), {
        timeout: limit,
        interval: 20,
      })
  }

  /** Names of those of whom both tell that their edits were left out as unreadable. */
  unreadable(): string[] {
    const [here, there] = [this.ada, this.ben].map((document) =>
      document
        .opened()
        .status.leftOut.filter(({ kind }) => kind === 'unreadable')
        .map(({ name }) => name),
    )
    return here?.length === there?.length ? (here ?? []) : []
  }

  /** Names of those whom Ada sees. */
  people(): string[] {
    return this.ada.opened().people.map(({ name }) => name)
  }

  /** Ends all attacks, and sends away who entered. */
  async rest(): Promise<void> {
    for (const peer of this.peers) await peer.close()
    for (const { workspace, folder } of this.guests) {
      await workspace.close()
      rmSync(folder, { recursive: true, force: true })
    }
    this.peers = []
    this.guests = []
  }

  /**
   * The two write while they are attacked, and have the same text soon, with all that both wrote; memory stays
   * within its budget, and nothing unforeseen happened.
   */
  async expectUnharmed(): Promise<void> {
    const slowness = watchSlowness()
    const time = await this.type()
    // Slowness caused by other programs on this machine does not count against the attack.
    expect(time / slowness()).toBeLessThan(10 * this.undisturbed)
    await expect
      .poll(() => process.memoryUsage().rss - this.memory, { timeout: limit })
      .toBeLessThan(memoryBudget)
    expect(this.unforeseen).toEqual([])
  }

  /** Takes everything away. */
  async close(): Promise<void> {
    await this.rest()
    for (const workspace of this.workspaces) await workspace.close()
    await this.testnet.destroy()
    process.off('uncaughtException', this.note)
    process.off('unhandledRejection', this.note)
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true })
  }

  /** Both write some words, one after the other and each at the same time as the other; the ms until both have all. */
  private async type(): Promise<number> {
    const round = this.rounds++
    const began = performance.now()
    for (let word = 0; word < words; word++)
      await Promise.all(
        [this.ada, this.ben].map(async (document, who) => {
          await document.edit([{ from: 0, to: 0, insert: `${'AB'[who]}${round}.${word} ` }])
          await document.saved()
        }),
      )
    const all = Array.from({ length: words }, (_, word) => [
      `A${round}.${word} `,
      `B${round}.${word} `,
    ]).flat()
    await vi.waitFor(
      async () => {
        const [here, there] = await Promise.all([this.ada.text(), this.ben.text()])
        expect(here).toBe(there)
        expect(all.filter((word) => !here.includes(word))).toEqual([])
      },
      { timeout: limit, interval: 10 },
    )
    return performance.now() - began
  }
}

const metBy = ({ connection }: Line): string => Buffer.from(connection.remotePublicKey).toString('hex')

/** Sends the VECTOR of a new peer that holds nothing, so that it is treated as a peer. */
export const greet = (port: Port): void => port.send('vector', encodeVector({ last: true, entries: [] }))

/** Asks to compare; who is still heard is answered by a VECTOR. */
export const ask = (port: Port): void =>
  port.send('have', encodeHave(Buffer.alloc(bucketCount * bucketDigestSize)))

/** How often a line was answered: one that is still heard is answered again. */
export const answers = (line: Line): number => line.heard.filter(({ type }) => type === 'vector').length
