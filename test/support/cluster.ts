import { defaultLimits, type QuotaLimits } from '../../main/log/quota'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import type { Write } from '../../main/storage/store'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { Workspace } from '../../main/workspace/workspace'
import { type Ground, ownText, placesOf, surroundings } from './ground'
import { InlineReplicas } from './inline-replica'
import { inlineSearch } from './inline-search'
import { ManualClock } from './manual-clock'
import { type Random, randomFrom } from './random'
import { SimInternet, SimNetwork } from './sim-network'

interface Running {
  readonly workspace: Workspace
  readonly document: SharedDocument
  readonly replicas: InlineReplicas
  readonly store: MemoryStore
  readonly network: SimNetwork
}

interface Site {
  readonly name: string
  readonly disk: MemoryDisk
  /** Bytes that its disk says are free. */
  free: number
  running: Running | null
}

/** A store that calls `onWrite` after each write. */
class WatchedStore extends MemoryStore {
  constructor(
    disk: MemoryDisk,
    private readonly onWrite: () => void,
  ) {
    super(disk)
  }

  override async write(writes: readonly Write[]): Promise<void> {
    await super.write(writes)
    this.onWrite()
  }
}

/**
 * Several people on one document, on a simulated network, under a clock that is moved by hand: the
 * real workspace with everything below it, but for sockets, disk and threads. The same seed gives the
 * same run.
 */
export class Cluster {
  readonly random: Random
  readonly clock = new ManualClock()
  readonly world: SimInternet
  readonly sites: Site[]
  /** Quotas for others' edits, by site; to be set before it starts. */
  readonly limits: (QuotaLimits | null)[] = []
  /** Sites whose replicas are busy from the start, until `releaseReplica`; to be set before they start. */
  readonly busy = new Set<number>()
  /** Called when a site's disk has completed a write, before any listener is notified. */
  onWrite: (site: number) => void = () => undefined
  /** Sites that open the document to read; to be set before they start. */
  readonly readers = new Set<number>()
  readonly ground: Ground
  private readonly links = { write: '', read: '' }

  constructor(seed: number, size: number, ground: Ground = 'short') {
    this.ground = ground
    this.random = randomFrom(seed)
    this.world = new SimInternet({ clock: this.clock, random: this.random })
    this.sites = Array.from({ length: size }, (_, index) => ({
      name: `site ${index}`,
      disk: new MemoryDisk(),
      free: 2 ** 40,
      running: null,
    }))
  }

  /** Starts all sites: the first makes the document, on its ground, and the others open it by their link. */
  async open(text = ''): Promise<void> {
    const { edits, before } = surroundings[this.ground]
    const first = await this.startSite(0, (workspace) =>
      workspace.createDocument({ text: edits[0] ? '' : text }),
    )
    for (const edit of edits) await first.document.edit([edit])
    if (edits.length > 0)
      await first.document.edit([{ from: before.length, to: before.length, insert: text }])
    for (const role of ['write', 'read'] as const) this.links[role] = await first.document.link(role)
    for (const index of this.sites.keys()) if (index > 0) await this.start(index)
  }

  /** Starts all sites with a document that some of their disks have, by its write link. */
  async openBy(link: string): Promise<void> {
    this.links.write = link
    for (const index of this.sites.keys()) await this.start(index)
  }

  /** Starts a site that is not running. */
  async start(index: number): Promise<void> {
    await this.startSite(index, (workspace) =>
      workspace.openDocument(this.links[this.readers.has(index) ? 'read' : 'write']),
    )
  }

  /** The open document of a site that runs. */
  document(index: number): SharedDocument {
    const running = this.sites[index]?.running
    if (!running) throw new Error(`site ${index} is not running`)
    return running.document
  }

  /** The workspace of a site that runs. */
  workspace(index: number): Workspace {
    const running = this.sites[index]?.running
    if (!running) throw new Error(`site ${index} is not running`)
    return running.workspace
  }

  /** Opens a document that a site which runs has closed; it is the site's document from now on. */
  async reopen(index: number, id: string): Promise<SharedDocument> {
    const site = this.sites[index]
    const running = site?.running
    if (!running) throw new Error(`site ${index} is not running`)
    let document: SharedDocument | null = null
    void running.workspace.document(id).then((opened) => {
      document = opened
    })
    for (let turn = 0; !document && turn < 10_000; turn++)
      await new Promise((resolve) => setImmediate(resolve))
    if (!document) throw new Error(`site ${index} did not open the document`)
    site.running = { ...running, document }
    return document
  }

  isRunning(index: number): boolean {
    return this.sites[index]?.running !== null
  }

  /** Puts text in at an offset in the text that stands on the ground, by default at its end. */
  async type(index: number, insert: string, from?: number): Promise<void> {
    const document = this.document(index)
    const { start, end } = placesOf(await document.text(), this.ground)
    const place = from === undefined ? end : start + from
    await document.edit([{ from: place, to: place, insert }])
  }

  /** Goes offline, as with the switch. */
  async offline(index: number): Promise<void> {
    await this.sites[index]?.running?.workspace.setOffline(true)
  }

  async online(index: number): Promise<void> {
    await this.sites[index]?.running?.workspace.setOffline(false)
  }

  cut(a: number, b: number): void {
    this.world.cut(`site ${a}`, `site ${b}`)
  }

  heal(a: number, b: number): void {
    this.world.heal(`site ${a}`, `site ${b}`)
  }

  /** Kills the replica of a site's document. */
  killReplica(index: number): void {
    this.sites[index]?.running?.replicas.killAll()
  }

  /** Its replica takes no message, as when it is busy. */
  holdReplica(index: number): void {
    this.sites[index]?.running?.replicas.hold()
  }

  /** Its replica takes what waits for it. */
  releaseReplica(index: number): void {
    this.sites[index]?.running?.replicas.release()
  }

  /** Ends a site as kill -9 does: what was not durable is gone. */
  crash(index: number): void {
    const site = this.sites[index]
    if (!site?.running) return
    site.running.store.crash()
    this.world.remove(site.running.network)
    this.clock.drop(site.running)
    this.clock.drop(site)
    site.running.replicas.freeAll()
    site.running = null
  }

  /** From now on the disk of a site refuses every write. */
  fillDisk(index: number): void {
    this.setDisk(index, true)
  }

  freeDisk(index: number): void {
    this.setDisk(index, false)
  }

  /** From now on the disk of a site says that so many bytes are free. */
  sayFree(index: number, free: number): void {
    const site = this.sites[index]
    if (site) site.free = free
  }

  /** Lets others' edits take more at a site. */
  async takeMore(index: number): Promise<void> {
    await this.sites[index]?.running?.workspace.takeMore(this.document(index).id)
  }

  /** Moves the time on, in ms. */
  async wait(span: number): Promise<void> {
    await this.clock.advance(span)
  }

  /** Waits until `holds`, for at most `limit` simulated ms; says whether it came to hold. */
  async until(holds: () => Promise<boolean>, limit: number): Promise<boolean> {
    for (let spent = 0; spent < limit; spent += 250) {
      if (await holds()) return true
      await this.wait(250)
    }
    return holds()
  }

  /** Waits until all running sites hold one text and have saved it; returns the texts. */
  async settle(limit = 300_000): Promise<string[]> {
    await this.until(async () => new Set(await this.texts()).size === 1 && this.allSaved(), limit)
    return this.texts()
  }

  /** The texts of all running sites, without the ground where that stands whole. */
  async texts(): Promise<string[]> {
    const texts = this.sites.flatMap((site) => (site.running ? [site.running.document.text()] : []))
    return (await Promise.all(texts)).map((text) => ownText(text, this.ground))
  }

  /** Ends all sites in order. */
  async close(): Promise<void> {
    for (const [index, site] of this.sites.entries()) {
      if (!site.running) continue
      const { workspace, replicas } = site.running
      let closed = false
      void workspace.close().then(() => {
        closed = true
      })
      if (!(await this.until(async () => closed, 60_000))) throw new Error(`site ${index} did not close`)
      replicas.freeAll()
      site.running = null
    }
  }

  private setDisk(index: number, full: boolean): void {
    const site = this.sites[index]
    if (site) site.disk.full = full
  }

  private allSaved(): boolean {
    return this.sites.every(({ running }) => {
      if (!running) return true
      const { version, status } = running.document.opened()
      return status.savedVersion === version && !status.loading
    })
  }

  private async startSite(
    index: number,
    open: (workspace: Workspace) => Promise<SharedDocument>,
  ): Promise<Running> {
    const site = this.sites[index]
    if (!site || site.running) throw new Error(`site ${index} cannot be started`)
    const store = new WatchedStore(site.disk, () => this.onWrite(index))
    const network = new SimNetwork({ world: this.world, name: site.name })
    const replicas = new InlineReplicas(() => this.clock.now())
    if (this.busy.has(index)) replicas.hold()
    const workspace = new Workspace({
      store,
      network,
      environment: { clock: this.clock.ownedBy(site), random: (size) => this.random.bytes(size) },
      startReplica: replicas.start,
      startSearch: inlineSearch,
      masterKey: async () => Buffer.alloc(32, 9),
      name: site.name,
      limits: this.limits[index] ?? defaultLimits,
      freeSpace: async () => site.free,
    })
    let running: Running | null = null
    const opening = (async () => {
      await workspace.open()
      const document = await open(workspace)
      running = { workspace, document, replicas, store, network }
    })()
    let failed: unknown = null
    opening.catch((error) => {
      failed = error
    })
    await this.until(async () => running !== null || failed !== null, 60_000)
    if (failed) throw failed
    if (!running) throw new Error(`site ${index} did not open`)
    site.running = running
    return running
  }
}
