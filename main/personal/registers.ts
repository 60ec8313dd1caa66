import * as v from 'valibot'
import { documentId } from '../../preload/contract/shapes'
import { ownWord } from '../../preload/contract/spelling'
import { isFolder } from '../../preload/text/folder'

/** The latest stamp that a register may have, and the latest removal: ms since the Unix epoch, of the year 144,683. */
export const maxStamp = 2 ** 52

/** The shape of the values of each kind of register. */
const values = {
  /** The folder of a document; '' for no folder. */
  folder: v.pipe(v.string(), v.check(isFolder)),
  pinned: v.boolean(),
  archived: v.boolean(),
  /** When a document was removed, in ms since the Unix epoch; 0 if it was not, or was restored. */
  removed: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(maxStamp)),
  /** True for one of the person's own words. */
  word: v.boolean(),
} as const

/** Kinds of registers. The place in the list names a kind in records, so new ones go to the end. */
export const kinds = ['folder', 'pinned', 'archived', 'removed', 'word'] as const

/** A kind of register. */
export type Kind = (typeof kinds)[number]

/** The value of a register of a kind. */
export type ValueOf<Of extends Kind> = v.InferOutput<(typeof values)[Of]>

/** A fact that the person set, and when. */
export interface Register {
  readonly kind: Kind
  /** A document's id; for kind 'word', the word. */
  readonly subject: string
  /** Orders the values of one register: a later one replaces earlier ones. */
  readonly stamp: number
  readonly value: ValueOf<Kind>
}

/** A register that the person sets now. */
export type Setting = Omit<Register, 'stamp'>

/** Returns true if a register from outside has a sound subject, stamp and value. */
export function isRegister({ kind, subject, stamp, value }: Register): boolean {
  const isStamp = Number.isSafeInteger(stamp) && stamp > 0 && stamp <= maxStamp
  return isStamp && v.is(kind === 'word' ? ownWord : documentId, subject) && v.is(values[kind], value)
}

/** The stamp and the value of a register. */
type Held = Pick<Register, 'stamp' | 'value'>

/**
 * Registers of which the latest value counts: the one with the higher stamp, of two with one stamp the one that is
 * later in the order of their JSON. The content is so a function of the set of all values that were taken, whatever
 * their order and however often each came.
 */
export class Registers {
  private readonly held = new Map<Kind, Map<string, Held>>(kinds.map((kind) => [kind, new Map()]))
  private highest = 0

  /** The highest stamp; 0 for none. */
  get latest(): number {
    return this.highest
  }

  /** True while nothing was taken. */
  get isEmpty(): boolean {
    return this.highest === 0
  }

  /** Returns the value of a register, or undefined. */
  get<Of extends Kind>(kind: Of, subject: string): ValueOf<Of> | undefined {
    return this.held.get(kind)?.get(subject)?.value as ValueOf<Of> | undefined
  }

  /** Returns true if a register is later than what is held, so that `take` would take it. */
  isNews({ kind, subject, stamp, value }: Register): boolean {
    const held = this.held.get(kind)?.get(subject)
    if (!held) return true
    if (stamp !== held.stamp) return stamp > held.stamp
    return JSON.stringify(value) > JSON.stringify(held.value)
  }

  /** Takes a register if it is later than what is held; returns true if it is. */
  take(register: Register): boolean {
    if (!this.isNews(register)) return false
    const { kind, subject, stamp, value } = register
    this.held.get(kind)?.set(subject, { stamp, value })
    this.highest = Math.max(this.highest, stamp)
    return true
  }

  /** Yields the registers, those of one kind together. */
  *[Symbol.iterator](): Generator<Register> {
    for (const [kind, held] of this.held)
      for (const [subject, { stamp, value }] of held) yield { kind, subject, stamp, value }
  }

  /** Yields the registers of one kind. */
  *of<Of extends Kind>(kind: Of): Generator<{ subject: string; stamp: number; value: ValueOf<Of> }> {
    for (const [subject, { stamp, value }] of this.held.get(kind) ?? [])
      yield { subject, stamp, value: value as ValueOf<Of> }
  }

  /** Yields the registers about one document. */
  *about(id: string): Generator<Register> {
    for (const [kind, held] of this.held) {
      const found = kind === 'word' ? undefined : held.get(id)
      if (found) yield { kind, subject: id, ...found }
    }
  }
}
