import { ChangeSet, Text } from '@codemirror/state'
import { toText } from '../../preload/text'
import { difference } from '../../preload/text-difference'
import { fromHex, hex } from '../hex'
import { decodeSnapshot, openSnapshot, packDocument } from '../log/snapshot'
import { type CaretPlace, decodeCaret, encodeCaret } from './caret'
import { readChangeHeader } from './change-header'
import { createHandle, genesisChange, type Handle, type ObjectId } from './genesis'
import { type Fault, Intake, type ReadyChange, type SealedSegment } from './intake'
import { isOfNotes, type Note, notesId, putNote, readNotes } from './notes'
import type { AuthoredRun, DocumentContent, LocalChange } from './replica-protocol'
import { Rope, type TextEdit } from './rope'

/** A local change is closed at this many operations, so that no peer has to apply a larger one. */
const operationsPerChange = 5_000

/**
 * A document as Automerge holds it: takes local edits as change sets and peers' segments as they
 * were stored, and says what each did. Not a thread of its own: serve-replica.ts gives it one.
 */
export class Replica {
  private readonly handle: Handle
  private readonly rope: Rope
  private readonly intake: Intake
  private readonly bodyId: ObjectId
  private readonly notesId: ObjectId
  private notesChanged = true
  private readonly made: LocalChange[] = []
  private readonly now: () => number
  private readonly message: () => string | undefined
  private content: Text = Text.empty
  private readonly actor: string
  /** The counter of the last operation of each change made here. */
  private readonly ends: number[] = []

  /**
   * `actor` (hex) is the public key of the session whose log will hold this replica's own changes;
   * `now` gives ms since the Unix epoch, which changes note in seconds; `message` what the next one says;
   * `leftOut` is what Intake takes. A snapshot to begin with has been checked. Throws INVALID for one that cannot be opened.
   */
  constructor(options: {
    documentId: Uint8Array
    contentKey: Uint8Array
    actor: string
    now: () => number
    message?: () => string | undefined
    leftOut?: ReadonlyMap<string, number>
    snapshot?: Uint8Array | null
  }) {
    this.now = options.now
    this.message = options.message ?? (() => undefined)
    this.actor = options.actor
    this.handle = createHandle(options.actor)
    const snapshot = options.snapshot ? decodeSnapshot(options.snapshot) : null
    // It has the genesis in it, and loads much faster into nothing.
    if (snapshot) this.handle.loadIncremental(openSnapshot(options.contentKey, snapshot))
    else this.handle.applyChanges([genesisChange(options.documentId)])
    this.handle.updateDiffCursor()
    this.bodyId = `1@${hex(options.documentId)}`
    this.notesId = notesId(hex(options.documentId))
    this.rope = new Rope(this.handle, this.bodyId)
    this.intake = new Intake({
      documentId: options.documentId,
      contentKey: options.contentKey,
      maxOpOf: (hash) => this.handle.getChangeMetaByHash(hash)?.maxOp ?? null,
      leftOut: options.leftOut ?? new Map(),
      settled: snapshot?.sessions ?? [],
      settledEnds: () => endsOf(this.handle),
    })
  }

  /** The visible text. */
  get text(): Text {
    return this.content
  }

  /**
   * Takes a whole log at once, before anything else. Cheaper than `receive`, as no steps are worked out.
   * With `onTaking` the changes are applied one by one, each told before, and null when all are: the last
   * one that was told is the one that ended this thread, should it end.
   */
  load(segments: readonly SealedSegment[], onTaking?: (change: ReadyChange | null) => void): Fault[] {
    const { ready, faults } = this.intake.take(segments)
    const refused = onTaking ? this.applyEach(ready, onTaking) : this.apply(ready)
    onTaking?.(null)
    this.handle.updateDiffCursor()
    this.content = toText(this.rope.read())
    return [...faults, ...refused]
  }

  /** Applies a local edit to the text as it stands. */
  edit(changes: ChangeSet): void {
    const edits: TextEdit[] = []
    changes.iterChanges((from, to, _fromNew, _toNew, insert) => {
      edits.push({ from, to, insert: insert.toString() })
    })
    for (const edit of edits.reverse()) this.rope.edit(edit, () => this.closeLargeChange())
    this.content = changes.apply(this.content)
  }

  /** Puts a note beside the text. */
  note(note: Note): void {
    putNote(this.handle, this.notesId, note)
    this.notesChanged = true
  }

  /** All notes; null when they are as they were the last time. */
  newNotes(): Note[] | null {
    if (!this.notesChanged) return null
    this.notesChanged = false
    return readNotes(this.handle, this.notesId)
  }

  /** What changes say that are in the document. */
  messages(): string[] {
    return this.handle.getChangesMeta([]).flatMap(({ message }) => message ?? [])
  }

  /** How many changes were taken that were not in the snapshot. */
  get tail(): number {
    return this.intake.tail
  }

  /**
   * All that was taken, to be made a snapshot of; null while some of it is in part, or when it is too large for
   * one. Nothing may have been made here yet.
   */
  contents(): DocumentContent | null {
    const tips = this.intake.tips()
    const packed = tips && packDocument(this.handle.saveNoCompress())
    return tips && packed && { packed, tips }
  }

  /** Closes the change under way; returns all changes made since the last call. */
  commit(): LocalChange[] {
    if (this.handle.pendingOps() > 0) this.closeChange()
    return this.made.splice(0)
  }

  /** Applies peers' segments; returns what they did to the text. `commit` comes first, or throws. */
  receive(segments: readonly SealedSegment[]): { changes: ChangeSet | null; faults: Fault[] } {
    if (this.handle.pendingOps() > 0) throw new Error('commit before receive')
    const { ready, faults } = this.intake.take(segments)
    if (ready.length === 0) return { changes: null, faults }
    const refused = this.apply(ready)
    const patches = this.handle.diffIncremental()
    this.notesChanged ||= patches.some(isOfNotes)
    const changes = this.follow(patches)
    return { changes: changes.empty ? null : changes, faults: [...faults, ...refused] }
  }

  /** Names a selection by the elements that its ends stand at, so that any replica can find it. */
  caretAt(anchor: number, head: number): Uint8Array {
    const name = (offset: number): CaretPlace => {
      const { page, index } = this.rope.locate(Math.min(offset, this.rope.length))
      return { page, cursor: this.handle.getCursor(page, index) }
    }
    return encodeCaret({ anchor: name(anchor), head: name(head) })
  }

  /** Where a caret that another replica named stands here; null while what it names has not arrived, or is nonsense. */
  placeOf(caret: Uint8Array): { anchor: number; head: number } | null {
    const name = decodeCaret(caret)
    const anchor = name && this.offsetOf(name.anchor)
    const head = name && this.offsetOf(name.head)
    return anchor === null || head === null ? null : { anchor, head }
  }

  /** The counter of the last operation of a session (hex) that is in the document; 0 for none. */
  reachOf(session: string): number {
    return this.intake.reachOf(session)
  }

  /**
   * The text by who inserted it; of what this replica inserted only what is in its changes up to number
   * `made`. What the sessions (hex) in `cuts` inserted after the number that stands there is told as cut. Looks
   * at each character, about 10 µs for each.
   */
  authored(made: number, cuts: ReadonlyMap<string, number>): AuthoredRun[] {
    const text = this.content.toString()
    const limit = this.ends[made - 1] ?? 0
    const limits = new Map([...cuts].map(([session, after]) => [session, this.endOf(session, after)]))
    const runs: { session: string; cut: boolean; first: number; last: number; from: number; to: number }[] =
      []
    let offset = 0
    for (const { page, index, size } of this.rope.stretches())
      for (let place = index; place < index + size; place++, offset++) {
        const [counter, session = ''] = this.handle.getCursor(page, place).split('@')
        const id = Number(counter)
        if (session === this.actor && id > limit) continue
        const cut = id > (limits.get(session) ?? Number.POSITIVE_INFINITY)
        const run = runs.at(-1)
        // A character of two code units has one id at both.
        const follows = run?.to === offset && run.session === session && run.cut === cut
        if (follows && id - run.last <= 1 && id >= run.last) {
          run.to++
          run.last = id
        } else runs.push({ session, cut, first: id, last: id, from: offset, to: offset + 1 })
      }
    return runs.map(({ session, cut, first, from, to }) => ({
      session,
      cut,
      first,
      text: text.slice(from, to),
    }))
  }

  /** Sizes of the Text objects, for measuring. */
  pageSizes(): number[] {
    return this.rope.sizes()
  }

  /** Bytes that Automerge itself saves the document in, for measuring. */
  savedSize(): number {
    return this.handle.save().length
  }

  /** How deep the Text objects nest, for measuring; 1 for a single one. */
  pageDepth(): number {
    return this.rope.depth()
  }

  /** Gives the memory back; the replica cannot be used after. */
  free(): void {
    this.handle.free()
  }

  /** Applies changes at once; where Automerge refuses one, all but that one and what builds on it. */
  private apply(ready: readonly ReadyChange[]): Fault[] {
    try {
      this.handle.applyChanges(ready.map(({ bytes }) => bytes))
      return []
    } catch (error) {
      rethrowTrap(error, ready.length === 1 ? (ready[0] ?? null) : null)
      return this.applyEach(ready, () => undefined)
    }
  }

  private applyEach(ready: readonly ReadyChange[], onTaking: (change: ReadyChange) => void): Fault[] {
    const faults: Fault[] = []
    for (const change of ready) {
      let taken = this.intake.admits(change)
      if (taken) onTaking(change)
      try {
        if (taken) this.handle.applyChanges([change.bytes])
      } catch (error) {
        rethrowTrap(error, change)
        taken = false
      }
      if (!taken) faults.push(...this.intake.refuse(change))
    }
    return faults
  }

  /** The counter of the last operation of a session (hex) up to its change number `seq`. */
  private endOf(session: string, seq: number): number {
    return session === this.actor ? (this.ends[seq - 1] ?? 0) : this.intake.reachOf(session, seq)
  }

  private offsetOf({ page, cursor }: CaretPlace): number | null {
    if (this.rope.offsetOf(page, 0) === null) return null
    try {
      return this.rope.offsetOf(page, this.handle.getCursorPosition(page, cursor as never))
    } catch {
      // Automerge throws for what it does not know (yet), and panics, while it reads and so without harm, at
      // what stands in no page.
      return null
    }
  }

  private closeLargeChange(): void {
    if (this.handle.pendingOps() >= operationsPerChange) this.closeChange()
  }

  private closeChange(): void {
    this.handle.commit(this.message(), Math.floor(this.now() / 1000))
    const bytes = this.handle.getLastLocalChange()
    if (!bytes) throw new Error('commit made no change')
    this.handle.updateDiffCursor()
    const { hash, startOp, operations } = readChangeHeader(bytes)
    this.ends.push(startOp + operations - 1)
    this.made.push({ bytes, hash: fromHex(hash) })
  }

  private follow(patches: ReturnType<Handle['diffIncremental']>): ChangeSet {
    const steps: ChangeSet[] = []
    let length = this.content.length
    let followed = this.handle.getWithType('/', 'body')?.[1] === this.bodyId
    for (const patch of followed ? patches : []) {
      const edits = this.rope.follow(patch)
      if (!edits) {
        followed = false
        break
      }
      for (const edit of edits) {
        const step = ChangeSet.of(edit, length, '\n')
        length = step.newLength
        steps.push(step)
      }
    }
    const changes = followed
      ? compose(steps, this.content.length)
      : difference(this.content, toText(this.rope.read()), { whole: true })
    this.content = changes.apply(this.content)
    return changes
  }
}

/**
 * Automerge broke in the middle of a change, as it does at some that are malformed. Its state is unknown
 * from then on, so the thread that it runs in has to end.
 */
export class Trap extends Error {
  /** The change, where it is known. */
  readonly change: ReadyChange | null

  constructor(change: ReadyChange | null, options: { cause: unknown }) {
    super('Automerge broke at a change', options)
    this.name = 'Trap'
    this.change = change
  }
}

/** The counters of the last operation of each change that is loaded, by session (hex), in order. */
function endsOf(handle: Handle): Map<string, number[]> {
  const ends = new Map<string, number[]>()
  for (const { actor, maxOp } of handle.getChangesMeta([])) {
    const known = ends.get(actor)
    if (known) known.push(maxOp)
    else ends.set(actor, [maxOp])
  }
  return ends
}

/** Throws a Trap for any error but the one in which Automerge says that it does not take a change. */
function rethrowTrap(error: unknown, change: ReadyChange | null): void {
  const refused = error instanceof RangeError && error.message.startsWith('error loading change')
  if (!refused) throw new Trap(change, { cause: error })
}

/** Composes steps pairwise, so that many small ones cost n log n and not n². */
function compose(steps: readonly ChangeSet[], length: number): ChangeSet {
  let level = steps
  while (level.length > 1) {
    const next: ChangeSet[] = []
    for (let index = 0; index < level.length; index += 2) {
      const first = level[index]
      const second = level[index + 1]
      if (first) next.push(second ? first.compose(second) : first)
    }
    level = next
  }
  return level[0] ?? ChangeSet.empty(length)
}
