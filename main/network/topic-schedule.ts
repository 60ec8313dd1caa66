import type { Clock } from '../base/environment'
import { enoughOthers, lookUpDelays, type TopicBudget, times } from './topic-budget'
import { TopicTurns } from './topic-turns'

/** How much a topic matters to this side. Greater ones come first: open, then unheld, then changed last. */
export interface TopicInterest {
  /** The person has it open, or waits for somebody. */
  readonly open: boolean
  /** It has edits that nobody else is known to hold. */
  readonly unheld: boolean
  /** When it last changed here, in ms since the Unix epoch; 0 for never, Infinity for a topic of no document. */
  readonly changedAt: number
}

/** Interest in a topic by which somebody is waited for. */
export const waited: TopicInterest = { open: true, unheld: false, changedAt: Number.POSITIVE_INFINITY }

/** Something to do for a topic. A 'turn' looks it up and announces it where needed; a 'look' only looks it up. */
export interface TopicTask {
  /** In hex. */
  readonly topic: string
  readonly kind: 'turn' | 'look'
  /** It is announced whatever was found. */
  readonly must: boolean
  /** It does not wait for the budget. */
  readonly isUrgent: boolean
}

/** Result of a task. */
export interface TopicResult {
  /** Announcements found that make this side's superfluous. */
  readonly counted: number
  /** This side announced the topic. */
  readonly announced: boolean
  /** Packets sent and received for it. */
  readonly packets: number
}

interface Scheduled {
  readonly name: string
  interest: TopicInterest
  /** Null until it has its place. */
  isKept: boolean | null
  /** Connected peers that share it. */
  met: number
  /** When it is announced, or would be. */
  turnAt: number
  lookAt: number
  /** Time that each of a few connected peers puts the lookup off by, in ms. */
  lookSpan: number
  /** Lookups that followed its last change. */
  later: number
  isUrgent: boolean
  isBusy: boolean
  /** Its last lookup found enough others, so that it is not announced. */
  isCovered: boolean
  announcedUntil: number
}

/** Topics that are sought again while nobody is connected. */
const sought = 8

/**
 * Decides when each topic is looked up and announced, and does neither itself. Rules N20 to N25.
 * The first topics by their interest are _kept_: announced all the time. The rest have turns.
 */
export class TopicSchedule {
  private readonly budget: TopicBudget
  private readonly clock: Clock
  private readonly chance: () => number
  private readonly turns: TopicTurns
  private readonly topics = new Map<string, Scheduled>()
  /** The kept topics may have changed. */
  private isDirty = false
  /** Time of day minus uptime, in ms, by which the turns of the rest were calculated. */
  private offset: number

  /** `chance` returns a random number from 0 to below 1. */
  constructor(options: { budget: TopicBudget; clock: Clock; chance: () => number }) {
    this.budget = options.budget
    this.clock = options.clock
    this.chance = options.chance
    this.turns = new TopicTurns(options.budget)
    this.offset = this.clock.now() - this.clock.uptime()
  }

  get size(): number {
    return this.topics.size
  }

  /** Packets a minute that may be spent now. */
  get packets(): number {
    return this.turns.packets
  }

  has(name: string): boolean {
    return this.topics.has(name)
  }

  /** Number of topics that belong to documents, and of those whose announcement is alive. */
  get documents(): { all: number; announced: number } {
    const now = this.clock.uptime()
    const documents = [...this.topics.values()].filter(({ interest }) => Number.isFinite(interest.changedAt))
    const announced = documents.filter(({ announcedUntil }) => announcedUntil > now).length
    return { all: documents.length, announced }
  }

  /** Adds a topic, or sets the interest in a known one. One that becomes open is announced at once. */
  prefer(name: string, interest: TopicInterest): void {
    const now = this.clock.uptime()
    const known = this.topics.get(name)
    if (!known) this.topics.set(name, { ...fresh, name, interest, turnAt: now, lookAt: now })
    const topic = known ?? this.topics.get(name)
    if (!topic) return
    const before = topic.interest
    topic.interest = interest
    if (!known || !(topic.isKept && compare(interest, before) <= 0)) this.isDirty = true
    if (interest.open && !(known && before.open)) this.hurry(topic, now)
    else if (interest.unheld && topic.isCovered) {
      topic.isCovered = false
      topic.turnAt = now
    }
  }

  remove(name: string): void {
    if (this.topics.delete(name)) this.isDirty = true
  }

  /** Sets the number of connected peers that share a topic. One whose last peer is gone is looked up soon. */
  setMet(name: string, met: number): void {
    const topic = this.topics.get(name)
    if (!topic) return
    const isLost = topic.met > 0 && met === 0
    topic.met = met
    if (!isLost) return
    topic.later = 0
    topic.isCovered = false
    if (topic.isKept) topic.lookAt = this.nextLook(topic, this.clock.uptime())
  }

  /** Looks a topic up at once. */
  look(name: string): void {
    const topic = this.topics.get(name)
    if (!topic) return
    topic.lookAt = this.clock.uptime()
    topic.isUrgent = true
  }

  /** Forgets all announcements, since there is another node: all begins again. */
  reset(): void {
    const now = this.clock.uptime()
    for (const topic of this.topics.values()) {
      const { interest, met } = topic
      Object.assign(topic, fresh, { met, turnAt: now, lookAt: now, isUrgent: interest.open })
    }
    this.isDirty = true
  }

  /** Announces and looks up again: all kept topics, or the first few while nobody is connected. */
  renew(which: 'kept' | 'first'): void {
    const now = this.clock.uptime()
    this.update(now)
    const kept = [...this.topics.values()].filter(({ isKept }) => isKept).sort(byInterest)
    for (const topic of which === 'kept' ? kept : kept.slice(0, sought)) {
      // One that waits already keeps its place.
      topic.turnAt = Math.min(topic.turnAt, now)
      topic.later = 0
    }
  }

  /** Returns the most pressing task that is due; otherwise the ms until the next one, Infinity for none. */
  next(): TopicTask | number {
    const now = this.clock.uptime()
    this.update(now)
    this.followClock(now)
    let best: Scheduled | null = null
    let soonest = Number.POSITIVE_INFINITY
    for (const topic of this.topics.values()) {
      const due = dueAt(topic)
      soonest = Math.min(soonest, due)
      if (due <= now && (!best || pressing(topic, best, now) < 0)) best = topic
    }
    if (!best) return soonest - now
    const { name, turnAt, isUrgent, interest, isCovered } = best
    const kind = turnAt <= now ? 'turn' : 'look'
    return {
      topic: name,
      kind,
      isUrgent,
      must: isUrgent || interest.unheld || !this.budget.spares || !isCovered,
    }
  }

  /** A task has begun. */
  begin({ topic: name, kind }: TopicTask): void {
    const now = this.clock.uptime()
    const topic = this.topics.get(name)
    if (!topic) return
    topic.isBusy = true
    topic.isUrgent = false
    if (kind === 'turn') topic.turnAt = this.nextTurn(topic, now)
    topic.lookAt = this.nextLook(topic, now)
  }

  /** A task has ended; null where no node answered, so that it is tried again soon. */
  end({ topic: name, kind }: TopicTask, result: TopicResult | null): void {
    const now = this.clock.uptime()
    const topic = this.topics.get(name)
    if (!topic) return
    topic.isBusy = false
    if (!result) {
      if (kind === 'turn') topic.turnAt = Math.min(topic.turnAt, now + times.again * (0.5 + this.chance()))
      return
    }
    this.turns.learn(result)
    if (result.announced) topic.announcedUntil = now + times.record
    // Now and then it is announced all the same: those found may be silent.
    topic.isCovered = result.counted >= enoughOthers && this.chance() >= 1 / (topic.met + 1)
  }

  private update(now: number): void {
    if (!this.isDirty) return
    this.isDirty = false
    const sorted = [...this.topics.values()].sort(byInterest)
    const { kept } = this.budget
    this.turns.plan({ kept: Math.min(kept, sorted.length), rest: Math.max(0, sorted.length - kept) })
    for (const [index, topic] of sorted.entries()) {
      const isKept = index < kept
      if (topic.isKept === isKept) continue
      topic.isKept = isKept
      this.place(topic, now)
    }
  }

  /** Calculates the turns again when the clock was set, or the computer slept: then records have expired too. */
  private followClock(now: number): void {
    const moved = this.clock.now() - now - this.offset
    if (Math.abs(moved) < times.spread) return
    this.offset += moved
    for (const topic of this.topics.values())
      if (topic.isKept) topic.turnAt = Math.min(topic.turnAt, moved > 0 ? now : topic.turnAt)
      else if (topic.turnAt > now) topic.turnAt = this.nextTurn(topic, now)
  }

  /** Sets when a topic is due that was added, or came to be kept or not. */
  private place(topic: Scheduled, now: number): void {
    if (topic.isUrgent) return
    if (topic.isKept) {
      topic.turnAt = Math.max(now, topic.announcedUntil - (times.record - times.refresh))
      // Its turn looks it up.
      topic.lookAt = Number.POSITIVE_INFINITY
    } else {
      topic.turnAt = this.nextTurn(topic, now)
      topic.lookSpan = this.turns.lookInterval
      topic.lookAt = now + topic.lookSpan * this.chance()
    }
  }

  private hurry(topic: Scheduled, now: number): void {
    topic.turnAt = now
    topic.later = 0
    topic.isUrgent = true
    topic.isCovered = false
  }

  private nextTurn({ name, isKept }: Scheduled, now: number): number {
    if (isKept) return now + times.refresh * (0.9 + 0.1 * this.chance())
    const wall = this.clock.now()
    return now + (this.turns.nextSlot(name, wall) - wall) + times.spread * this.chance()
  }

  private nextLook(topic: Scheduled, now: number): number {
    if (!topic.isKept) {
      topic.lookSpan = this.turns.lookInterval * (0.8 + 0.2 * this.chance())
      return now + topic.lookSpan
    }
    const span = lookUpDelays[topic.later]
    if (!span) return Number.POSITIVE_INFINITY
    topic.later++
    return now + span.least + (span.most - span.least) * this.chance()
  }
}

const fresh = {
  isKept: null,
  met: 0,
  lookSpan: 0,
  later: 0,
  isUrgent: false,
  isBusy: false,
  isCovered: false,
  announcedUntil: 0,
}

/** Negative where the first matters more. */
const compare = (a: TopicInterest, b: TopicInterest): number =>
  Number(b.open) - Number(a.open) || Number(b.unheld) - Number(a.unheld) || b.changedAt - a.changedAt

const byInterest = (a: Scheduled, b: Scheduled): number => compare(a.interest, b.interest)

/**
 * A kept topic with a connected peer needs no lookup beside its turns. Of the rest, connected people share the lookups:
 * without any, somebody who comes would wait for the next turn.
 */
const lookDue = ({ isKept, met, lookAt, lookSpan, isUrgent }: Scheduled): number => {
  if (met === 0 || isUrgent) return lookAt
  return isKept ? Number.POSITIVE_INFINITY : lookAt + lookSpan * Math.min(met, enoughOthers)
}

const dueAt = (topic: Scheduled): number =>
  topic.isBusy ? Number.POSITIVE_INFINITY : Math.min(topic.turnAt, lookDue(topic))

const rank = ({ isUrgent, isKept, turnAt }: Scheduled, now: number): number =>
  isUrgent ? 0 : (isKept ? 1 : 3) + (turnAt <= now ? 0 : 1)

/** The minutes in which a topic became due: one that waits for long is not passed over for ever. */
const span = (topic: Scheduled): number => Math.floor(dueAt(topic) / times.spread)

/** Negative where the first comes first. */
const pressing = (a: Scheduled, b: Scheduled, now: number): number =>
  rank(a, now) - rank(b, now) || span(a) - span(b) || byInterest(a, b) || dueAt(a) - dueAt(b)
