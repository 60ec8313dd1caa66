import type { Child, ChildProgram } from '../child-program'
import { BadLine } from './bad-line'
import { Namespace } from './namespace'

/**
 * How a router treats those behind it: the same outer port towards everybody, another one towards each, or
 * addresses of their own that everybody can reach.
 */
export type Nat = 'consistent' | 'random' | 'open'

/** A computer behind a router. */
export class Machine {
  readonly address: string
  readonly space: Namespace
  private readonly router: Router
  /** Where its cable ends at the router. */
  private readonly port: string
  private readonly running = new Set<Child>()

  constructor(options: { space: Namespace; address: string; router: Router; port: string }) {
    this.space = options.space
    this.address = options.address
    this.router = options.router
    this.port = options.port
  }

  /** Pulls its cable out of the router. */
  async unplug(): Promise<void> {
    await this.router.space.shell(`ip link set ${this.port} down`)
  }

  /** Puts it in again. */
  async plug(): Promise<void> {
    await this.router.space.shell(`ip link set ${this.port} up`)
  }

  /** Moves to another address on the same network, as after a restart of the router. */
  async move(): Promise<void> {
    const next = `${this.router.subnet}.${++this.router.machines + 1}`
    await this.space.shell(
      'ip addr flush dev eth0',
      `ip addr add ${next}/24 dev eth0`,
      `ip route add default via ${this.router.subnet}.1`,
    )
  }

  /** Starts a program of the tests on it. */
  run(program: ChildProgram, ...parameters: string[]): Child {
    const child = program.startIn(this.space.prefix, ...parameters)
    this.running.add(child)
    return child
  }

  /** Holds all that runs on it, as sleep does, until `thaw`. */
  freeze(): void {
    for (const { process } of this.running) process.kill('SIGSTOP')
  }

  thaw(): void {
    for (const { process } of this.running) process.kill('SIGCONT')
  }

  /** Ends all that runs on it. */
  async stop(): Promise<void> {
    await Promise.all([...this.running].map((child) => child.kill()))
    this.running.clear()
  }
}

/** Router between a local network and the internet. */
export class Router {
  readonly nat: Nat
  /** Its address towards the internet. */
  readonly address: string
  readonly space: Namespace
  /** The first three numbers of the addresses behind it. */
  readonly subnet: string
  /** The bridge in it that joins the cables of those behind it. */
  readonly bridge: string
  /** Its line to the internet, where that is one that can be bad. */
  readonly line: BadLine | null
  /** Computers behind it so far. */
  machines = 0

  constructor(options: {
    nat: Nat
    address: string
    subnet: string
    space: Namespace
    bridge?: string
    line?: BadLine | null
  }) {
    this.bridge = options.bridge ?? 'lan'
    this.line = options.line ?? null
    this.nat = options.nat
    this.address = options.address
    this.subnet = options.subnet
    this.space = options.space
  }
}

/**
 * A small internet with routers and computers in namespaces of Linux. Nothing in it reaches the machine's
 * own network, nor the other way round. What is in 11.0.0.0/8 counts as public.
 */
export class Lab {
  private readonly core: Namespace
  private readonly spaces: Namespace[]
  private readonly machines: Machine[] = []
  private readonly lines: BadLine[] = []
  private routers = 0

  private constructor(core: Namespace) {
    this.core = core
    this.spaces = [core]
  }

  /** An internet with nothing in it. `remove` it whatever happens. */
  static async internet(): Promise<Lab> {
    const core = await Namespace.make()
    await core.shell('echo 1 > /proc/sys/net/ipv4/ip_forward')
    return new Lab(core)
  }

  /**
   * A router of its own line to the internet, which lets nothing in that was not asked for unless open. Over a
   * line that can be `bad` packets go through a program, as long as the weather is fair unharmed.
   */
  async router({ nat, bad = false }: { nat: Nat; bad?: boolean }): Promise<Router> {
    const number = ++this.routers
    const space = await this.space()
    const [inner, outer] = [`11.0.${number}.1`, `11.0.${number}.2`]
    const subnet = nat === 'open' ? `11.1.${number}` : '192.168.1'
    const line = `line${number}`
    const between = bad ? await this.badLine(line, space) : null
    if (!between) await this.core.connect(line, space, 'wan')
    await this.core.shell(`ip addr add ${inner}/24 dev ${line}`)
    await space.shell(
      `ip addr add ${outer}/24 dev wan`,
      `ip route add default via ${inner}`,
      'ip link add lan type bridge',
      `ip addr add ${subnet}.1/24 dev lan`,
      'ip link set lan up',
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
    )
    if (nat === 'open') await this.core.shell(`ip route add ${subnet}.0/24 via ${outer}`)
    else
      await space.shell(
        `iptables -t nat -A POSTROUTING -o wan -j MASQUERADE ${nat === 'random' ? '--random-fully' : ''}`,
        // Else the kernel answers for the ports, and notes as its own what a peer sent to open a way.
        'iptables -A INPUT -i wan -j DROP',
        'iptables -A FORWARD -i wan -m conntrack --ctstate NEW,INVALID -j DROP',
      )
    return new Router({ nat, address: outer, subnet, space, line: between })
  }

  /** A local network with no way out of it. */
  async segment(): Promise<Router> {
    const space = await this.space()
    const subnet = `192.168.${100 + ++this.routers}`
    await space.shell(
      'ip link add lan type bridge',
      `ip addr add ${subnet}.1/24 dev lan`,
      'ip link set lan up',
    )
    return new Router({ nat: 'open', address: '', subnet, space })
  }

  /**
   * A second local network behind a router, which hands on packets between it and the first, unless they are
   * `apart`, but nothing that is for all.
   */
  async subnet(router: Router, { apart = false } = {}): Promise<Router> {
    const { nat, address, space } = router
    const [subnet, bridge] = ['192.168.2', 'lan2']
    await space.shell(
      `ip link add ${bridge} type bridge`,
      `ip addr add ${subnet}.1/24 dev ${bridge}`,
      `ip link set ${bridge} up`,
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      ...(apart
        ? [
            `iptables -I FORWARD -i lan -o ${bridge} -j DROP`,
            `iptables -I FORWARD -i ${bridge} -o lan -j DROP`,
          ]
        : []),
    )
    return new Router({ nat, address, subnet, space, bridge })
  }

  /** A computer behind a router. With several `addresses` it has as many, for as many servers. */
  async machine(router: Router, { addresses = 1 } = {}): Promise<Machine> {
    const space = await this.space()
    const port = `${router.bridge}-${router.machines}`
    const hosts = Array.from({ length: addresses }, () => `${router.subnet}.${++router.machines + 1}`)
    await router.space.connect(port, space, 'eth0')
    await router.space.shell(`ip link set ${port} master ${router.bridge}`)
    await space.shell(
      ...hosts.map((host) => `ip addr add ${host}/24 dev eth0`),
      `ip route add default via ${router.subnet}.1`,
    )
    const machine = new Machine({ space, address: hosts[0] ?? '', router, port })
    this.machines.push(machine)
    return machine
  }

  /** Ends all programs and takes everything away. */
  async remove(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.stop()))
    await Promise.all(this.lines.map((line) => line.end()))
    await Promise.all(this.spaces.map((space) => space.remove()))
  }

  private async badLine(name: string, router: Namespace): Promise<BadLine> {
    const between = await this.space()
    await this.core.connect(name, between, 'outer')
    await between.connect('inner', router, 'wan')
    // Else the kernel hands on many packets of TCP as one, and they would be lost together.
    await this.core.shell(`ip link set ${name} gso_max_segs 1`)
    await router.shell('ip link set wan gso_max_segs 1')
    const line = await BadLine.in(between)
    this.lines.push(line)
    return line
  }

  private async space(): Promise<Namespace> {
    const space = await Namespace.make()
    this.spaces.push(space)
    return space
  }
}
