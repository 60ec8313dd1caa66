import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, ChildProgram } from '../child-program'
import { Asked } from './asked'
import { Lab, type Machine } from './lab'

interface Programs {
  readonly dht: ChildProgram
  readonly peer: ChildProgram
  readonly relay: ChildProgram
}

/** A person's program somewhere in the laboratory. */
export class Peer {
  private readonly program: Asked
  readonly machine: Machine

  constructor(program: Asked, machine: Machine) {
    this.program = program
    this.machine = machine
  }

  /** Makes a document; resolves to its write link. */
  create(): Promise<string> {
    return this.program.ask('create')
  }

  /** Opens a document by its link. */
  open(link: string): Promise<void> {
    return this.program.ask('open', link)
  }

  /** Puts a text before what is there. */
  type(text: string): Promise<void> {
    return this.program.ask('type', text)
  }

  /** Puts a long text before what is there, of so many letters of which each tells 6 bits. */
  paste(size: number): Promise<void> {
    return this.program.ask('paste', String(size))
  }

  text(): Promise<string> {
    return this.program.ask('text')
  }

  /** A hash of the text, where that is too long to be handed over again and again. */
  digest(): Promise<string> {
    return this.program.ask('digest')
  }

  /** Reports that the computer goes to sleep, as the system does. */
  sleep(): Promise<void> {
    return this.program.ask('sleep')
  }

  /** Reports that the computer is awake again. */
  wake(): Promise<void> {
    return this.program.ask('wake')
  }

  /** Other peers with the document open, and the route to each (null: only through another peer). */
  peers(): Promise<{ name: string; route: string | null }[]> {
    return this.program.ask('peers')
  }
}

/** The nodes of a DHT, in two processes. */
interface DhtNodes {
  readonly running: Child[]
  readonly start: (half: number) => Child
}

/** A laboratory with a DHT on it, where the built program runs on any machine. */
export class Laboratory {
  readonly lab: Lab
  private readonly programs: Programs
  private readonly folder: string
  private readonly nodes: DhtNodes
  /** Where programs find the DHT. */
  readonly bootstrap: readonly { host: string; port: number }[]
  private peers = 0

  private constructor(options: {
    lab: Lab
    programs: Programs
    folder: string
    nodes: DhtNodes
    bootstrap: readonly { host: string; port: number }[]
  }) {
    this.lab = options.lab
    this.programs = options.programs
    this.folder = options.folder
    this.nodes = options.nodes
    this.bootstrap = options.bootstrap
  }

  /** Builds it, with so many nodes of a DHT, each on an address of its own. */
  static async make({ nodes = 6 } = {}): Promise<Laboratory> {
    const [dht, peer, relay] = await Promise.all(
      ['dht', 'peer', 'relay'].map((name) => ChildProgram.from(`test/network/${name}-child.ts`)),
    )
    if (!dht || !peer || !relay) throw new Error('the programs of the laboratory were not built')
    const programs = { dht, peer, relay }
    const folder = await mkdtemp(join(tmpdir(), 'swarmpad-lab-'))
    const lab = await Lab.internet()
    try {
      const router = await lab.router({ nat: 'open' })
      const machine = await lab.machine(router, { addresses: nodes })
      const hosts = Array.from({ length: nodes }, (_, index) => `${router.subnet}.${index + 2}`)
      const half = Math.ceil(nodes / 2)
      const parts = [hosts.slice(0, half), hosts.slice(half)]
      const start = (index: number) => machine.run(dht, hosts.join(), ...(parts[index] ?? []))
      const running = parts.map((_, index) => start(index))
      await Promise.all(running.map((child) => child.until(1)))
      const bootstrap = JSON.parse(running[0]?.lines[0] ?? '[]')
      return new Laboratory({ lab, programs, folder, bootstrap, nodes: { running, start } })
    } catch (error) {
      await lab.remove()
      throw error
    }
  }

  /** Ends one half of the DHT's nodes, or the other (0 or 1), as kill -9 does. */
  async killNodes(half: number): Promise<void> {
    await this.nodes.running[half]?.kill()
  }

  /** Starts a half of them again. */
  async startNodes(half: number): Promise<void> {
    const child = this.nodes.start(half)
    this.nodes.running[half] = child
    await child.until(1)
  }

  /** Starts a person's program on a machine. `relay`: keys of relays to use. */
  async peer(
    machine: Machine,
    options: { relay?: readonly string[]; relayBudget?: null; lan?: boolean; name?: string } = {},
  ): Promise<Peer> {
    const name = options.name ?? `peer${++this.peers}`
    const directory = join(this.folder, name)
    const all = JSON.stringify({ directory, name, bootstrap: this.bootstrap, ...options })
    return new Peer(await Asked.when(machine.run(this.programs.peer, all)), machine)
  }

  /** Starts a plain relay on a machine; answers `key`, `open` and `state`. */
  async relay(
    machine: Machine,
    options: { budget?: { bytesPerSecond: number; sessions: number } } = {},
  ): Promise<Asked> {
    const all = JSON.stringify({ bootstrap: this.bootstrap, ...options })
    return Asked.when(machine.run(this.programs.relay, all))
  }

  /** Takes everything away. */
  async remove(): Promise<void> {
    await this.lab.remove()
    await Promise.all(Object.values(this.programs).map((program: ChildProgram) => program.remove()))
    await rm(this.folder, { recursive: true, force: true })
  }
}
