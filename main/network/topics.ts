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
/** Longest pause, in ms: timers of weeks do not exist. */
const longestPause = 3_600_000

interface Running {
  readonly seeker: TopicSeeker
  readonly packets: PacketBudget
  /** Number of tasks that are being carried out. */
  tasks: number
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
  /** By the topic, the keys in hex of the connected peers that share it, with the number of connections of each. */
  private readonly met = new Map<string, Map<string, number>>()
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
    const key = hex(publicKey)
    const keys = this.met.get(name) ?? new Map<string, number>()
    this.met.set(name, keys.set(key, (keys.get(key) ?? 0) + 1))
    this.schedule.setMet(name, keys.size)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      const others = (keys.get(key) ?? 1) - 1
      if (others > 0) {
        keys.set(key, others)
        return
      }
      keys.delete(key)
      if (keys.size === 0 && this.met.get(name) === keys) this.met.delete(name)
      this.schedule.setMet(name, keys.size)
      this.workIn(gathering)
    }
  }

  /** Begins to announce all topics on a new node. */
  begin({ seeker, dht }: { seeker: TopicSeeker; dht: SwarmDht }): void {
    const { clock } = this.environment
    const packets = new PacketBudget({ clock, count: () => dht.packets, rate: () => this.schedule.packets })
    this.running = { seeker, packets, tasks: 0 }
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
      const wait = typeof next === 'number' ? next : next.isUrgent ? 0 : running.packets.wait
      if (typeof next === 'number' || wait > 0) {
        this.workIn(wait)
        return
      }
      // The end of a task continues.
      if (!next.isUrgent && running.tasks >= parallel) return
      running.tasks++
      schedule.begin(next)
      void this.carryOut(running, next)
    }
  }

  private async carryOut(running: Running, task: TopicTask): Promise<void> {
    const { topic } = task
    const countsFor = (key: string) => this.met.get(topic)?.has(key) ?? false
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
