import type { TopicInterest } from '../../main/network/topic-schedule'
import { MemoryDisk } from '../../main/storage/memory-store'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { Workspace } from '../../main/workspace/workspace'
import { GatedStore } from './gated-store'
import { InlineReplicas } from './inline-replica'
import { inlineSearch } from './inline-search'
import { ManualClock, quiet } from './manual-clock'
import { type Random, randomFrom } from './random'
import { SimInternet, SimNetwork } from './sim-network'

/** One computer with one profile, whose disk outlives the program. */
export class Computer {
  readonly disk = new MemoryDisk()
  private running: { workspace: Workspace; network: SimNetwork; store: GatedStore } | null = null
  private readonly replicas: InlineReplicas

  constructor(
    readonly name: string,
    private readonly computers: Computers,
  ) {
    this.replicas = new InlineReplicas(() => computers.clock.now())
  }

  /** Starts the program; `person` is the name to set, none for a new profile. */
  async start(person?: string): Promise<Workspace> {
    const { clock, world, random } = this.computers
    const store = new GatedStore(this.disk)
    const network = new SimNetwork({ world, name: this.name })
    const workspace = new Workspace({
      store,
      network,
      environment: { clock: clock.ownedBy(this), random: (size) => random.bytes(size) },
      startReplica: this.replicas.start,
      startSearch: inlineSearch,
      masterKey: async () => Buffer.alloc(32, 9),
      ...(person === undefined ? {} : { name: person }),
    })
    this.running = { workspace, network, store }
    await this.computers.done(workspace.open())
    return workspace
  }

  get workspace(): Workspace {
    if (!this.running) throw new Error(`${this.name} is not running`)
    return this.running.workspace
  }

  /** Its store, which a test may make slow. */
  get store(): GatedStore {
    if (!this.running) throw new Error(`${this.name} is not running`)
    return this.running.store
  }

  /** Number of topics that it announces. */
  get topics(): number {
    return this.running?.network.topics.size ?? 0
  }

  /** Interest in each topic that it announces. */
  get interests(): (TopicInterest | null)[] {
    return [...(this.running?.network.topics.values() ?? [])]
  }

  /** Its replicas take no message, as when they load for long. */
  holdReplicas(): void {
    this.replicas.hold()
  }

  /** Ends the program as kill -9 does. */
  crash(): void {
    const { running } = this
    if (!running) return
    running.store.crash()
    this.computers.world.remove(running.network)
    this.computers.clock.drop(this)
    this.replicas.freeAll()
    this.running = null
  }

  /** Ends the program in order. */
  async quit(): Promise<void> {
    if (this.running) await this.computers.done(this.running.workspace.close())
    this.replicas.freeAll()
    this.running = null
  }
}

/** Computers with whole workspaces on a simulated network, under a clock that is moved by hand. */
export class Computers {
  readonly random: Random
  readonly clock = new ManualClock()
  readonly world: SimInternet
  private readonly all: Computer[] = []

  constructor(seed: number) {
    this.random = randomFrom(seed)
    this.world = new SimInternet({ clock: this.clock, random: this.random })
  }

  /** One more computer, switched off. */
  add(name: string): Computer {
    const computer = new Computer(name, this)
    this.all.push(computer)
    return computer
  }

  /** Waits, the clock moving, until `holds`, for at most `limit` simulated ms. Throws when it does not. */
  async until(holds: () => boolean | Promise<boolean>, what: string, limit = 60_000): Promise<void> {
    for (let spent = 0; spent < limit; spent += 250) {
      if (await holds()) return
      await this.clock.advance(250)
    }
    if (!(await holds())) throw new Error(`timed out waiting for ${what}`)
  }

  /** Waits, the clock moving, for work to be done. */
  async done<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const end = () => {
      isDone = true
    }
    work.then(end, end)
    await quiet()
    await this.until(() => isDone, 'work to be done')
    return work
  }

  /** Opens a document on a computer and gives its text when it is this. */
  async reads(computer: Computer, id: string, text: string): Promise<SharedDocument> {
    const document = await this.done(computer.workspace.document(id))
    await this.until(async () => (await document.text()) === text, `${computer.name} to read it`)
    return document
  }

  /** Makes the second of two computers that run another one of the first person's. */
  async pair(first: Computer, second: Computer): Promise<void> {
    const offered = first.workspace.pairing.offer()
    const joined = second.workspace.pairing.join(offered.link)
    await this.until(
      () => offered.state.phase === 'comparing' && joined.state.phase === 'comparing',
      'letters on both',
    )
    joined.agree()
    offered.agree()
    await this.until(() => offered.state.phase === 'done', 'both to be paired')
    for (const run of [offered, joined]) run.end()
  }

  async close(): Promise<void> {
    for (const computer of this.all) await computer.quit()
  }
}
