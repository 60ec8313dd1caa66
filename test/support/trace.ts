import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type Random, randomFrom } from './random'

/** [position, how many are deleted there, what is inserted there]; both numbers count code points. */
export type Patch = readonly [position: number, deleted: number, inserted: string]

/** One person's editing session: patches apply one after the other. */
export interface Trace {
  readonly startContent: string
  readonly endContent: string
  readonly txns: readonly { readonly patches: readonly Patch[] }[]
}

/** The patches of `agent`, which apply to the merge of `parents`, other entries by their index. */
export interface ConcurrentStep {
  readonly parents: readonly number[]
  readonly agent: number
  readonly patches: readonly Patch[]
}

/** An editing session of several people at once. */
export interface ConcurrentTrace {
  readonly kind: 'concurrent'
  readonly numAgents: number
  readonly txns: readonly ConcurrentStep[]
}

/** An edit in UTF-16 code units. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** Reads a session of one person or of several from .json or .json.gz. Throws if it is not a session. */
export function readTrace(file: string): Trace | ConcurrentTrace {
  const bytes = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const trace = JSON.parse(text) as Partial<Trace> & Partial<ConcurrentTrace>
  if (trace.kind === 'concurrent' && trace.numAgents && trace.txns) {
    const { kind, numAgents, txns } = trace as ConcurrentTrace
    return { kind, numAgents, txns }
  }
  if (trace.kind !== undefined || trace.endContent === undefined || !trace.txns)
    throw new Error(`${file} is no editing session`)
  return { startContent: trace.startContent ?? '', endContent: trace.endContent, txns: trace.txns }
}

/** True for a session of several people. */
export const isConcurrent = (trace: Trace | ConcurrentTrace): trace is ConcurrentTrace => 'kind' in trace

/** A text that follows a trace, to say where its patches stand in UTF-16 code units. */
export class TracedText {
  text: string
  /** Without pairs so far, code points are code units. */
  private plain: boolean

  constructor(text: string) {
    this.text = text
    this.plain = !hasPairs.test(text)
  }

  /** Applies a patch; returns it as an edit. What lies past the end is cut off. */
  apply([position, deleted, insert]: Patch): Edit {
    const from = this.offsetOf(position, 0)
    const to = this.offsetOf(deleted, from)
    this.text = this.text.slice(0, from) + insert + this.text.slice(to)
    this.plain &&= !hasPairs.test(insert)
    return { from, to, insert }
  }

  private offsetOf(points: number, start: number): number {
    if (this.plain) return Math.min(this.text.length, start + points)
    let offset = start
    for (let left = points; left > 0 && offset < this.text.length; left--)
      offset += (this.text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
    return offset
  }
}

const hasPairs = /[\ud800-\udfff]/

/**
 * A session as a person writes it: runs of keys, mostly where the last ones were, corrections,
 * new paragraphs, now and then a passage pasted or thrown out. The same seed gives the same session.
 */
export function makeTrace(seed: number, edits: number): Trace {
  const author = new Author(randomFrom(seed))
  const points: string[] = []
  const txns = Array.from({ length: edits }, () => {
    const [position, deleted, inserted] = author.next(points.length)
    points.splice(position, deleted, ...inserted)
    return { patches: [[position, deleted, inserted] as const] }
  })
  return { startContent: '', endContent: points.join(''), txns }
}

/** A session of two people who write at once and merge now and then. The same seed gives the same session. */
export function makeConcurrentTrace(seed: number, edits: number): ConcurrentTrace {
  const random = randomFrom(seed)
  const people = [0, 1].map(() => ({ author: new Author(random), last: -1, seen: -1, written: 0, known: 0 }))
  let agent = 0
  const txns = Array.from({ length: edits }, (_, index): ConcurrentStep => {
    if (random.chance(0.15)) agent = 1 - agent
    const [mine, other] = [people[agent], people[1 - agent]]
    if (!mine || !other) throw new Error('there are two people')
    if (random.chance(0.05)) {
      mine.seen = other.last
      mine.known = other.written
    }
    // Right but for what both deleted, which a replay cuts off.
    const patch = mine.author.next(Math.max(0, mine.written + mine.known))
    mine.written += [...patch[2]].length - patch[1]
    const parents = [mine.last, mine.seen].filter((parent) => parent >= 0)
    mine.last = index
    return { parents, agent, patches: [patch] }
  })
  return { kind: 'concurrent', numAgents: 2, txns }
}

/** Someone who writes. */
class Author {
  private readonly random: Random
  private place = 0

  constructor(random: Random) {
    this.random = random
  }

  /** The next patch for a text of `length` code points. */
  next(length: number): Patch {
    const { random } = this
    if (random.chance(0.02)) this.place = random.below(length + 1)
    this.place = Math.min(this.place, length)
    if (length > 0 && random.chance(0.15)) {
      const deleted = Math.min(this.place, random.chance(0.02) ? random.below(200) : 1)
      this.place -= deleted
      return [this.place, deleted, '']
    }
    const inserted = random.chance(0.005)
      ? 'pasted words 😀 '.repeat(1 + random.below(40))
      : random.pick(keys)
    this.place += [...inserted].length
    return [this.place - [...inserted].length, 0, inserted]
  }
}

const keys = [...'etaoinshrdlu      ,.', '\n', '😀', 'ß', '漢', 'e\u0301', '# ']
