import type { Node, Query } from 'hyperdht'
import type { Clock } from '../base/environment'
import { fromHex, hex } from '../base/hex'
import type { SwarmDht } from './swarm-dht'
import { enoughOthers, times } from './topic-budget'
import type { TopicResult, TopicTask } from './topic-schedule'
import type { TopicSwarm } from './topic-swarm'

/** Dependencies of `TopicSeeker`. */
export interface TopicSeekerOptions {
  readonly dht: SwarmDht
  readonly swarm: TopicSwarm
  readonly clock: Clock
}

/** Announces topics and looks them up on a node of the DHT, and dials who is found. */
export class TopicSeeker {
  private readonly dht: SwarmDht
  private readonly swarm: TopicSwarm
  private readonly clock: Clock
  /** The nodes nearest to each topic, which hold its announcement; the one announced last is the last. */
  private readonly holders = new Map<string, { readonly nodes: Node[]; readonly at: number }>()

  constructor({ dht, swarm, clock }: TopicSeekerOptions) {
    this.dht = dht
    this.swarm = swarm
    this.clock = clock
  }

  /**
   * Carries out a task. `countsFor` returns true for the key of a peer (hex) whose announcement makes this side's
   * superfluous. Rejects where no node answers. Rule N22.
   */
  async seek({ topic, kind, must }: TopicTask, countsFor: (key: string) => boolean): Promise<TopicResult> {
    // A peer that finds the announcement can dial this side at once.
    if (kind === 'turn') await this.swarm.listen()
    const found = new Set<string>()
    const counted = () => [...found].filter(countsFor).length
    const closestNodes = this.holders.get(topic)?.nodes
    const near = closestNodes ? { closestNodes } : {}
    if (kind === 'turn' && must) {
      const packets = await this.announce(topic, near, found)
      return { counted: counted(), announced: true, packets }
    }
    const query = this.dht.lookup(fromHex(topic), near)
    await this.follow(query, topic, found)
    const packets = answered(query)
    if (query.closestNodes.length === 0) throw new Error('No node answers')
    if (kind === 'look' || counted() >= enoughOthers) return { counted: counted(), announced: false, packets }
    const nearest = { closestNodes: query.closestNodes, onlyClosestNodes: true }
    const more = await this.announce(topic, nearest, found)
    return { counted: counted(), announced: true, packets: packets + more }
  }

  /** Announces to the nodes again how this side is reached: earlier ones may be gone, or this side may have moved. */
  refresh(): void {
    this.swarm.server.refresh()
  }

  /** Withdraws an announcement. One that finds no node expires by itself. */
  async withdraw(topic: string): Promise<void> {
    const closestNodes = this.holders.get(topic)?.nodes
    if (!closestNodes) return
    this.holders.delete(topic)
    const nearest = { closestNodes, onlyClosestNodes: true, force: true }
    await this.dht.unannounce(fromHex(topic), this.swarm.keyPair, nearest).catch(() => undefined)
  }

  /** Withdraws all announcements. */
  async withdrawAll(): Promise<void> {
    await Promise.all([...this.holders.keys()].map((topic) => this.withdraw(topic)))
  }

  /** Announces a topic; resolves to the packets that it took. */
  private async announce(
    topic: string,
    near: { closestNodes?: Node[]; onlyClosestNodes?: boolean },
    found: Set<string>,
  ): Promise<number> {
    const { dht, swarm } = this
    const query = dht.announce(fromHex(topic), swarm.keyPair, swarm.server.relayAddresses, near)
    await this.follow(query, topic, found)
    this.hold(topic, query.closestNodes)
    return answered(query) + 2 * query.closestNodes.length
  }

  /** Notes who holds an announcement, and forgets those that have expired. */
  private hold(topic: string, nodes: Node[]): void {
    const at = this.clock.uptime()
    this.holders.delete(topic)
    this.holders.set(topic, { nodes, at })
    for (const [oldest, held] of this.holders) {
      if (held.at > at - times.record) break
      this.holders.delete(oldest)
    }
  }

  private async follow(query: Query, topic: string, found: Set<string>): Promise<void> {
    const bytes = fromHex(topic)
    for await (const { peers } of query)
      for (const peer of peers) {
        found.add(hex(peer.publicKey))
        this.swarm.found(peer, bytes)
      }
  }
}

/** Packets of the requests of a query and their answers. */
const answered = ({ successes, errors }: Query): number => 2 * successes + errors
