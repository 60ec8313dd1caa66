import type { Environment, Timer } from '../base/environment'
import { hex } from '../base/hex'
import { PacketBudget } from './packet-budget'
import type { SwarmDht } from './swarm-dht'
import type { TopicBudget } from './topic-budget'
import { type TopicInterest, TopicSchedule, type TopicTask } from './topic-schedule'
import type { TopicSeeker } from './topic-seeker'

/** Tasks that run at a time, beside urgent ones. */
const parallel = 4
/** Pause in which topics gather that are added one after the other, in ms. */
const gathering = 250
/**
 * Longest wait for the budget, in ms: what else takes packets, such as dialling the many peers that somebody made up,
 * must not end all announcing. All kept topics of a person have their turns within 18 minutes.
 */
const longestWait = 20_000
/** Longest pause, in ms: timers of weeks do not exist. */
const longestPause = 3_600_000

/** The node of the DHT that topics are announced on. */
export interface TopicNode {
  readonly seeker: Pick<TopicSeeker, 'seek' | 'withdraw' | 'refresh'>
  readonly dht: Pick<SwarmDht, 'packets'>
}

interface Running {
  readonly seeker: TopicNode['seeker']
  readonly packets: PacketBudget
  /** Number of tasks that are being carried out. */
  tasks: number
  /** Uptime when a task was begun last, in ms. */
  begunAt: number
}

/** Numbers about topics, for the person. */
export interface TopicFacts {
  /** Documents that are looked up. */
  readonly documents: number
  /** Those of them whose announcement is alive. */
  readonly announced: number
  /** Packets that this side's requests took, sent and received, averaged over 10 minutes. */
  readonly packetsPerMinute: number
}

/** Announces topics and looks them up on the current node, at the times that a `TopicSchedule` gives. */
export class Topics {
  private readonly environment: Environment
  private readonly schedule: TopicSchedule
  /** Connections whose peers share a topic, each with the peer's key in hex, by the topic. */
  private readonly met = new Map<string, Set<{ readonly key: string }>>()
  private running: Running | null = null
  private timer: { readonly at: number; readonly timer: Timer } | null = null

  constructor(environment: Environment, budget: TopicBudget) {
    const { clock, random } = environment
    this.environment = environment
    this.schedule = new TopicSchedule({ budget, clock, chance: () => random(4).readUInt32LE() / 2 ** 32 })
  }

  get size(): number {
    return this.schedule.size
  }

  get facts(): TopicFacts {
    const { running, schedule } = this
    const packetsPerMinute = Math.round(running?.packets.perMinute ?? 0)
    const { all, announced } = schedule.documents
    return { documents: all, announced: running ? announced : 0, packetsPerMinute }
  }

  /** True for a topic that was added. */
  has(topic: Uint8Array): boolean {
    return this.schedule.has(hex(topic))
  }

  /** Adds a topic, or sets the interest in a known one; returns true for a new one. */
  prefer(topic: Uint8Array, interest: TopicInterest): boolean {
    const name = hex(topic)
    const isNew = !this.schedule.has(name)
    this.schedule.prefer(name, interest)
    if (isNew) this.schedule.setMet(name, this.met.get(name)?.size ?? 0)
    this.workIn(interest.open ? 0 : gathering)
    return isNew
  }

  /** Removes a topic and withdraws its announcement. */
  remove(topic: Uint8Array): void {
    const name = hex(topic)
    this.schedule.remove(name)
    void this.running?.seeker.withdraw(name)
  }

  /** Records that a connected peer shares a topic, until the returned function is called. */
  meet(topic: Uint8Array, publicKey: Uint8Array): () => void {
    const name = hex(topic)
    const connections = this.met.get(name) ?? new Set()
    // A peer that connects again is here twice for a moment.
    const connection = { key: hex(publicKey) }
    this.met.set(name, connections.add(connection))
    this.schedule.setMet(name, connections.size)
    return () => {
      if (!connections.delete(connection)) return
      if (connections.size === 0 && this.met.get(name) === connections) this.met.delete(name)
      this.schedule.setMet(name, connections.size)
      this.workIn(gathering)
    }
  }

  /** Begins to announce all topics on a new node. */
  begin({ seeker, dht }: TopicNode): void {
    const { clock } = this.environment
    const packets = new PacketBudget({ clock, count: () => dht.packets, rate: () => this.schedule.packets })
    this.running = { seeker, packets, tasks: 0, begunAt: clock.uptime() }
    this.schedule.reset()
    this.workIn(0)
  }

  /** Ends on the node, which withdraws its announcements when it leaves. */
  end(): void {
    this.running = null
    this.clearTimer()
  }

  /** Looks up a topic at once. */
  lookUp(topic: Uint8Array): void {
    this.schedule.look(hex(topic))
    this.workIn(0)
  }

  /** Announces and looks up again: all kept topics, or the first few while nobody is connected. */
  renew(which: 'kept' | 'first'): void {
    this.running?.seeker.refresh()
    this.schedule.renew(which)
    this.workIn(0)
  }

  /** Begins all tasks that are due and within the budget. */
  private work(): void {
    const { running, schedule } = this
    while (running) {
      const next = schedule.next()
      const wait = typeof next === 'number' ? next : next.isUrgent ? 0 : this.waitOf(running)
      if (typeof next === 'number' || wait > 0) {
        this.workIn(wait)
        return
      }
      // The end of a task continues.
      if (!next.isUrgent && running.tasks >= parallel) return
      running.tasks++
      running.begunAt = this.environment.clock.uptime()
      schedule.begin(next)
      void this.carryOut(running, next)
    }
  }

  /** Ms until a task may begin that is not urgent; 0 or less for now. */
  private waitOf({ packets, begunAt }: Running): number {
    return Math.min(packets.wait, begunAt + longestWait - this.environment.clock.uptime())
  }

  private async carryOut(running: Running, task: TopicTask): Promise<void> {
    const { topic } = task
    const countsFor = (key: string) => [...(this.met.get(topic) ?? [])].some((peer) => peer.key === key)
    // Without an answer, or when the node is destroyed, a query ends in an error.
    const result = await running.seeker.seek(task, countsFor).catch(() => null)
    running.tasks--
    if (running !== this.running) return
    this.schedule.end(task, result)
    if (!this.schedule.has(topic)) void running.seeker.withdraw(topic)
    this.workIn(0)
  }

  /** Works in `delay` ms, or earlier if that was planned. */
  private workIn(delay: number): void {
    if (!this.running || delay === Number.POSITIVE_INFINITY) return
    const { clock } = this.environment
    const pause = Math.min(delay, longestPause)
    const at = clock.uptime() + pause
    if (this.timer && this.timer.at <= at) return
    this.clearTimer()
    const timer = clock.set(pause, () => {
      this.timer = null
      this.work()
    })
    this.timer = { at, timer }
  }

  private clearTimer(): void {
    if (this.timer) this.environment.clock.clear(this.timer.timer)
    this.timer = null
  }
}
