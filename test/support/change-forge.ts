import * as Automerge from '@automerge/automerge'
import { hex } from '../../main/base/hex'
import { readChangeHeader } from '../../main/replica/change-header'
import { genesisChange, genesisOperations } from '../../main/replica/genesis'
import { withBytesAt } from './change-bytes'
import { type Attempt, type Made, nextId, type Operation, push, underWay } from './forge-attempt'
import { GivenForge } from './given-forge'
import type { Random } from './random'

/** A change made by the forge, with what an independent reading of the rules says of it. */
export interface ForgedChange {
  readonly bytes: Uint8Array
  readonly hash: string
  readonly actor: string
  readonly seq: number
  readonly startOp: number
  readonly maxOp: number
  readonly dependencies: readonly string[]
  /** Rules D2 to D6 let it through, as far as its own bytes and references go. */
  readonly isSound: boolean
}

interface Element {
  readonly id: string
  readonly text: string
  readonly isAnchor: boolean
  readonly by: string
}

/** Place of an operation, and whether the rules allow that. */
interface Placed {
  readonly text: { readonly id: string }
  readonly element: Element | null
  readonly isPlaced: boolean
  readonly at: { readonly obj: string; readonly elemId: string }
}

/** How often a rule is broken on purpose, for each choice that is made. */
const malice = 0.008

/**
 * Makes changes at random: honest ones, ones that no honest program makes but the rules allow, and ones that break a
 * rule. Keeps its own account of who descends from whom, which the gate's is compared with.
 */
export class ChangeForge {
  private readonly random: Random
  private readonly body: string
  readonly changes = new Map<string, ForgedChange>()
  private readonly ancestors = new Map<string, ReadonlySet<string>>()
  private readonly elements: Element[] = []
  private readonly texts: { readonly id: string; readonly by: string }[] = []
  /** Hashes of changes that are sound with all that they build on. */
  private readonly good: string[] = []
  /** Ids of the elements that each actor deleted. */
  private readonly deleted = new Map<string, Set<string>>()
  private readonly given: GivenForge
  /** The last change of each actor. */
  private readonly last = new Map<string, ForgedChange>()

  constructor(documentId: Uint8Array, random: Random) {
    this.random = random
    this.given = new GivenForge(random, () => this.breaks())
    const bytes = genesisChange(documentId)
    const { hash, actor } = readChangeHeader(bytes)
    this.body = `1@${hex(documentId)}`
    const first = { bytes, hash, actor, seq: 1, startOp: 1, maxOp: genesisOperations }
    this.changes.set(hash, { ...first, dependencies: [], isSound: true })
    this.ancestors.set(hash, new Set())
    this.good.push(hash)
    this.texts.push({ id: this.body, by: hash })
  }

  /** A session (hex) made nothing yet that the rules refuse. */
  isGood(actor: string): boolean {
    const last = this.last.get(actor)
    return !last || this.good.includes(last.hash)
  }

  /** The ids of all texts, and of all anchors, that sound and other changes make. */
  objects(): { texts: string[]; anchors: string[] } {
    return {
      texts: this.texts.map(({ id }) => id),
      anchors: this.elements.flatMap(({ id, isAnchor }) => (isAnchor ? [id] : [])),
    }
  }

  /** The next change of a session (hex). */
  make(actor: string): ForgedChange {
    const { random } = this
    const previous = this.last.get(actor)
    const attempt: Attempt = {
      operations: [],
      deleted: new Set(),
      bytes: new Set(),
      kids: new Set(),
      values: new Map(),
      isSound: true,
    }
    const dependencies = this.dependencies(previous)
    const above = this.above(dependencies)
    if (previous && !dependencies.has(previous.hash)) attempt.isSound = false
    const highest = Math.max(...[...dependencies].map((hash) => this.changes.get(hash)?.maxOp ?? 0))
    let startOp = highest + 1
    if (this.breaks()) startOp = Math.max(1, startOp + random.pick([-3, -1, 1, 2, 40]))
    if (startOp !== highest + 1) attempt.isSound = false
    const made = { actor, startOp, above }
    const [elements, texts, givens] = [this.elements.length, this.texts.length, this.given.size]
    for (let count = random.below(8); count > 0; count--) this.operate(attempt, made)
    const seq = (previous?.seq ?? 0) + 1
    const change = this.encode(attempt, { actor, seq, startOp, dependencies: [...dependencies].sort() })
    if (!change) {
      this.elements.length = elements
      this.texts.length = texts
      this.given.drop(givens)
      return this.make(actor)
    }
    // From now on, elements and texts that it made refer to it by its hash.
    const byHash = <T extends object>(item: T) => ({ ...item, by: change.hash })
    this.elements.push(...this.elements.splice(elements).map(byHash))
    this.texts.push(...this.texts.splice(texts).map(byHash))
    this.given.keep(givens, attempt, change.hash)
    this.changes.set(change.hash, change)
    this.deleted.set(actor, new Set([...(this.deleted.get(actor) ?? []), ...attempt.deleted]))
    if (change.isSound && change.dependencies.every((hash) => this.good.includes(hash)))
      this.good.push(change.hash)
    this.ancestors.set(change.hash, above)
    this.last.set(actor, change)
    return change
  }

  /** Chooses the changes that the next one of a session depends on. */
  private dependencies(previous: ForgedChange | undefined): Set<string> {
    const { random } = this
    const dependencies = new Set<string>()
    if (previous && !this.breaks()) dependencies.add(previous.hash)
    const others = this.breaks() ? [...this.changes.keys()] : this.good
    if (dependencies.size === 0 || random.chance(0.6))
      for (let count = 1 + random.below(3); count > 0; count--)
        dependencies.add(random.pick(others.slice(-12)))
    return dependencies
  }

  private encode(
    { operations, bytes: rows, isSound }: Attempt,
    { dependencies, ...header }: { actor: string; seq: number; startOp: number; dependencies: string[] },
  ): ForgedChange | null {
    try {
      const encoded = Automerge.encodeChange({
        ...header,
        time: this.random.below(2 ** 31),
        message: this.random.chance(0.1) ? 'ab-CD_ef01234567 0123456789abcdef' : null,
        author: null,
        deps: dependencies,
        ops: operations as never,
      })
      const bytes = withBytesAt(encoded, rows)
      const { hash } = Automerge.decodeChange(bytes)
      const maxOp = header.startOp + operations.length - 1
      return { ...header, bytes, hash, maxOp, dependencies, isSound }
    } catch {
      // Automerge's own encoder does not take all that the forge thinks of.
      return null
    }
  }

  private above(dependencies: ReadonlySet<string>): ReadonlySet<string> {
    const above = new Set<string>(dependencies)
    for (const hash of dependencies) for (const one of this.ancestors.get(hash) ?? []) above.add(one)
    return above
  }

  private breaks(): boolean {
    return this.random.chance(malice)
  }

  /** An item that a change made above, or, breaking the rules, one that it did not. */
  private choose<T extends { by: string }>(items: readonly T[], above: ReadonlySet<string>): T | null {
    const isWrong = this.breaks()
    const candidates = items.filter(({ by }) => above.has(by) !== isWrong)
    return candidates.length > 0 ? this.random.pick(candidates.slice(-20)) : null
  }

  private operate(attempt: Attempt, made: Made): void {
    const { random } = this
    const above = new Set([...made.above, underWay])
    const text = this.choose(this.texts, above)
    if (!text) return
    const within = this.elements.filter((element) => this.breaks() || element.text === text.id)
    const element = random.chance(0.8) ? this.choose(within, above) : null
    const isPlaced = above.has(text.by) && (!element || (element.text === text.id && above.has(element.by)))
    const place = { text, element, isPlaced, at: { obj: text.id, elemId: element?.id ?? '_head' } }
    const isWrong = this.breaks()
    const kind = random.below(24)
    if (kind < 9) this.insert(attempt, made, place, isWrong)
    else if (kind < 14 && element) this.delete(attempt, made, { ...place, element }, isWrong)
    else if (kind < 17) this.insertPage(attempt, made, place, isWrong)
    else if (kind === 17 && random.chance(0.1)) {
      const target = random.pick([text.id, '_root', ...(element?.isAnchor ? [element.id] : [])])
      push(attempt, this.strange(target, element), false)
    } else if (kind > 17) {
      const kid = this.given.operate(attempt, made)
      if (kid) this.texts.push(kid)
    }
  }

  private insert(attempt: Attempt, made: Made, { text, at, isPlaced }: Placed, isWrong: boolean): void {
    const value = this.random.pick(
      isWrong ? ['MULTI', '', 'e\u0301'] : ['a', 'ß', '\u{1f600}', '\ufffc', '\n', '\0'],
    )
    this.elements.push({ id: nextId(attempt, made), text: text.id, isAnchor: false, by: underWay })
    push(attempt, { action: 'set', ...at, insert: true, value, pred: [] }, isPlaced && !isWrong)
  }

  private delete(
    attempt: Attempt,
    made: Made,
    { element, at, isPlaced }: Placed & { element: Element },
    isWrong: boolean,
  ): void {
    const { random } = this
    const isAgain = attempt.deleted.has(element.id) || this.deleted.get(made.actor)?.has(element.id)
    if (isAgain && !random.chance(0.1)) return
    if (isAgain) attempt.isSound = false
    attempt.deleted.add(element.id)
    const wrong = () => random.pick([[], [`1@${this.body.split('@')[1]}`], [nextId(attempt, made)]])
    const pred = isWrong ? wrong() : [element.id]
    push(attempt, { action: 'del', ...at, pred }, isPlaced && !isWrong && !element.isAnchor)
  }

  private insertPage(attempt: Attempt, made: Made, { text, at, isPlaced }: Placed, isWrong: boolean): void {
    const anchor = nextId(attempt, made)
    this.elements.push({ id: anchor, text: text.id, isAnchor: true, by: underWay })
    push(attempt, { action: 'makeMap', ...at, insert: true, pred: [] }, isPlaced)
    if (this.breaks()) {
      attempt.isSound = false
      return
    }
    if (this.random.chance(0.5)) {
      this.given.attach(attempt, anchor)
      return
    }
    this.texts.push({ id: nextId(attempt, made), by: underWay })
    push(attempt, { action: 'makeText', obj: anchor, key: isWrong ? 'u' : 't', pred: [] }, !isWrong)
  }

  /** An operation of a kind that programs do not make. */
  private strange(obj: string, element: Element | null): Operation {
    const place =
      element && obj !== '_root' ? { elemId: element.id } : { key: this.random.pick(['body', 't', 'x']) }
    const pred = element ? [element.id] : []
    return this.random.pick<Operation>([
      { action: 'set', obj, ...place, value: 'Z', pred },
      { action: 'set', obj, ...place, value: 7, datatype: 'int', pred: [] },
      { action: 'makeText', obj, ...place, pred },
      { action: 'makeList', obj, ...place, pred: [] },
      { action: 'inc', obj, ...place, value: 1, pred },
      { action: 'del', obj, ...place, pred: [] },
    ])
  }
}
