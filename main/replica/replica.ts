import { ChangeSet, Text } from '@codemirror/state'
import { toText } from '../../preload/text'
import { difference } from '../../preload/text-difference'
import { fromHex, hex } from '../base/hex'
import { decodeSnapshot, openSnapshot, packDocument } from '../log/format/snapshot'
import { type CaretPlace, decodeCaret, encodeCaret } from './caret'
import type { Change } from './change'
import { maxDependencies } from './change-header'
import { kinds } from './change-operations'
import { createHandle, encodeJoin, genesisChange, type Handle, type ObjectId } from './genesis'
import { type Fault, Intake, type SealedSegment } from './intake'
import { isOfNotes, type Note, notesId, putNote, readNotes } from './notes'
import type { AuthoredRun, DocumentContent, LocalChange } from './replica-protocol'
import { Rope, type TextEdit } from './rope'

/** A local change is closed at this many operations, so that no peer refuses it. Rule D3. */
const operationsPerChange = 500
/** Operations that are applied at once: Automerge takes memory for each until what it did is looked at. */
const operationsPerSlice = 20_000
/** Pages that a slice may make before reading the text again is cheaper than following what was done. */
const pagesPerSlice = 500

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
  /** Changes that were made since the last `commit`. */
  private readonly closed: LocalChange[] = []
  private readonly now: () => number
  private readonly message: () => string | undefined
  private content: Text = Text.empty
  /** The document changed since the text was read. */
  private isUnread = true
  /** Changes that were let through and are not applied, in their order. */
  private readonly ready: Change[] = []
  private readonly actor: string
  /** The hash of the last change that was made here. */
  private last: string | null = null
  /** The counter of the last operation of each change made here. */
  private readonly ends: number[] = []

  /**
   * `actor` (hex) is the public key of the session whose log will hold this replica's own changes;
   * `now` gives ms since the Unix epoch, which changes note in seconds; `message` what the next one says;
   * `leftOut` is what Intake takes. A snapshot to begin with has been checked. Throws MALFORMED for one that cannot be opened.
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
    const { contentKey } = options
    const snapshot = options.snapshot ? decodeSnapshot(options.snapshot) : null
    const open = snapshot && (() => openSnapshot(contentKey, snapshot))
    // It has the genesis in it, and loads much faster into nothing.
    if (open) this.handle.loadIncremental(open())
    else this.handle.applyChanges([genesisChange(options.documentId)])
    this.handle.updateDiffCursor()
    this.bodyId = `1@${hex(options.documentId)}`
    this.notesId = notesId(hex(options.documentId))
    this.rope = new Rope(this.handle, this.bodyId)
    this.intake = new Intake({
      documentId: options.documentId,
      contentKey,
      placeOf: (hash) => this.handle.getChangeMetaByHash(hash) ?? null,
      leftOut: options.leftOut ?? new Map(),
      settled: snapshot?.sessions ?? [],
      document: open,
    })
  }

  /** The visible text. */
  get text(): Text {
    if (this.isUnread) this.content = toText(this.rope.read())
    this.isUnread = false
    return this.content
  }

  /**
   * Takes a part of a log, before anything else. Cheaper than `receive`, as no steps are worked out.
   * With `onTaking` the changes are applied one by one, each told before, and null when all are: the last
   * one that was told is the one that ended this thread, should it end.
   */
  load(segments: readonly SealedSegment[], onTaking?: (change: Change | null) => void): Fault[] {
    const { ready, faults } = this.intake.take(segments)
    this.isUnread = true
    while (ready.length > 0) {
      const slice = nextSlice(ready)
      faults.push(...(onTaking ? this.applyEach(slice, onTaking) : this.apply(slice)))
      this.handle.updateDiffCursor()
    }
    onTaking?.(null)
    return faults
  }

  /** Applies a local edit to the text as it stands. */
  edit(changes: ChangeSet): void {
    const edits: TextEdit[] = []
    changes.iterChanges((from, to, _fromNew, _toNew, insert) => {
      edits.push({ from, to, insert: insert.toString() })
    })
    const { text } = this
    this.joinHeads()
    for (const edit of edits.reverse()) this.rope.edit(edit, (least) => this.room(least))
    this.content = changes.apply(text)
  }

  /** Puts a note beside the text, in a change of its own. Rule D3. */
  note(note: Note): void {
    if (this.handle.pendingOps() > 0) this.closeChange()
    this.joinHeads()
    putNote(this.handle, this.notesId, note)
    if (this.handle.pendingOps() > 0) this.closeChange()
    this.notesChanged = true
  }

  /** All notes; null when they are as they were the last time. */
  newNotes(): Note[] | null {
    if (!this.notesChanged) return null
    this.notesChanged = false
    return readNotes(this.handle, this.notesId)
  }

  /** Returns the messages of the changes in the document. */
  messages(): string[] {
    return this.handle.getChangesMeta([]).flatMap(({ message }) => message ?? [])
  }

  /** How many changes were taken that were not in the snapshot. */
  get tail(): number {
    return this.intake.tail
  }

  /**
   * All that is in the document, to be made a snapshot of; null when it is too large for one. Nothing may have been
   * made here yet, and all that was taken has to be applied.
   */
  contents(): DocumentContent | null {
    const packed = packDocument(this.handle.saveNoCompress())
    return packed && { packed, tips: this.intake.tips() }
  }

  /** Closes the change under way; returns all changes made since the last call. */
  commit(): LocalChange[] {
    if (this.handle.pendingOps() > 0) this.closeChange()
    return this.closed.splice(0)
  }

  /** Takes peers' segments; `next` applies what is in them. Returns what is left out. */
  take(segments: readonly SealedSegment[]): Fault[] {
    const { ready, faults } = this.intake.take(segments)
    for (const change of ready) this.ready.push(change)
    return faults
  }

  /** True while changes that were taken wait to be applied. */
  get isBehind(): boolean {
    return this.ready.length > 0
  }

  /**
   * Applies the next of the changes that were taken, a bounded number of them; returns what they did to the text,
   * null for nothing. `commit` comes first, or throws.
   */
  next(): { changes: ChangeSet | null; faults: Fault[] } {
    if (this.handle.pendingOps() > 0) throw new Error('commit before next')
    const slice = nextSlice(this.ready)
    const { text } = this
    const faults = this.apply(slice)
    const changes = pagesIn(slice) > pagesPerSlice ? this.reread(text) : this.follow(text)
    return { changes: changes.empty ? null : changes, faults }
  }

  /** Takes peers' segments and applies all that is in them; returns what they did to the text. `commit` comes first. */
  receive(segments: readonly SealedSegment[]): { changes: ChangeSet | null; faults: Fault[] } {
    const faults = this.take(segments)
    const before = this.text
    let changes = ChangeSet.empty(before.length)
    while (this.isBehind) {
      const step = this.next()
      if (step.changes) changes = changes.compose(step.changes)
      faults.push(...step.faults)
    }
    return { changes: changes.empty ? null : changes, faults }
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
   * Returns the text as runs by author; of this replica's insertions only those in its changes up to number
   * `made`. Text that the sessions (hex) in `cuts` inserted after the number given there is marked as cut.
   * Looks at each character, about 10 µs for each.
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
  private apply(slice: readonly Change[]): Fault[] {
    try {
      this.handle.applyChanges(slice.map(({ bytes }) => bytes))
    } catch (error) {
      rethrowTrap(error, slice.length === 1 ? (slice[0] ?? null) : null)
      return this.applyEach(slice, () => undefined)
    }
    for (const change of slice) this.intake.applied(change)
    return []
  }

  private applyEach(ready: readonly Change[], onTaking: (change: Change) => void): Fault[] {
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
      this.intake.applied(change)
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

  /** How many operations fit into the change under way; closes it when fewer than `least` do. */
  private room(least: number): number {
    if (this.handle.pendingOps() + least > operationsPerChange) this.closeChange()
    return operationsPerChange - this.handle.pendingOps()
  }

  private closeChange(): void {
    this.handle.commit(this.message(), this.seconds())
    const bytes = this.handle.getLastLocalChange()
    if (!bytes) throw new Error('commit made no change')
    this.made(bytes)
  }

  /**
   * Joins heads in changes without operations until the next change can name all of them, so that writing goes on
   * however many there are. Rule D2.
   */
  private joinHeads(): void {
    if (this.handle.pendingOps() > 0) return
    for (;;) {
      const others = this.handle.getHeads().filter((hash) => hash !== this.last)
      const own = this.last === null ? [] : [this.last]
      if (own.length + others.length <= maxDependencies) return
      const dependencies = [...own, ...others].slice(0, maxDependencies)
      const bytes = encodeJoin({
        actor: this.actor,
        seq: this.ends.length + 1,
        startOp:
          1 + Math.max(...dependencies.map((hash) => this.handle.getChangeMetaByHash(hash)?.maxOp ?? 0)),
        time: this.seconds(),
        dependencies,
      })
      this.handle.applyChanges([bytes])
      this.made(bytes)
    }
  }

  private made(bytes: Uint8Array): void {
    this.handle.updateDiffCursor()
    const { hash, startOp, operations } = this.intake.made(bytes)
    this.last = hash
    this.ends.push(startOp + operations.count - 1)
    this.closed.push({ bytes, hash: fromHex(hash) })
  }

  private seconds(): number {
    return Math.max(0, Math.floor(this.now() / 1000))
  }

  /** Follows what Automerge applied since the last call, from the text before it. */
  private follow(before: Text): ChangeSet {
    const steps: ChangeSet[] = []
    let length = before.length
    this.rope.startFollowing()
    for (const patch of this.handle.diffIncremental()) {
      this.notesChanged ||= isOfNotes(patch)
      const edits = this.rope.follow(patch)
      if (!edits) return this.reread(before)
      for (const edit of edits) {
        const step = ChangeSet.of(edit, length, '\n')
        length = step.newLength
        steps.push(step)
      }
    }
    const changes = compose(steps, before.length)
    this.content = changes.apply(before)
    return changes
  }

  /** Reads the text again instead: where following is dearer, or what was done cannot be followed. */
  private reread(before: Text): ChangeSet {
    this.handle.updateDiffCursor()
    this.notesChanged = true
    const changes = difference(before, toText(this.rope.read()), { whole: true })
    this.content = changes.apply(before)
    return changes
  }
}

/**
 * Automerge broke in the middle of a change, as it does at some that are malformed. Its state is unknown
 * from then on, so the thread that it runs in has to end.
 */
export class Trap extends Error {
  /** The change, where it is known. */
  readonly change: Change | null

  constructor(change: Change | null, options: { cause: unknown }) {
    super('Automerge broke at a change', options)
    this.name = 'Trap'
    this.change = change
  }
}

/** Takes the next changes off a list, up to a number of operations. */
function nextSlice(ready: Change[]): Change[] {
  let operations = 0
  let count = 0
  while (count < ready.length && (count === 0 || operations < operationsPerSlice))
    operations += ready[count++]?.operations.count ?? 0
  return ready.splice(0, count)
}

const pagesIn = (slice: readonly Change[]): number =>
  slice.reduce((sum, { operations: { kind } }) => sum + kind.filter((one) => one === kinds.page).length, 0)

/** Throws a Trap for any error but the one in which Automerge says that it does not take a change. */
function rethrowTrap(error: unknown, change: Change | null): void {
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
