import { ChangeSet, Text } from '@codemirror/state'
import { toText } from '../../preload/text'
import { difference } from '../../preload/text-difference'
import { hex } from '../base/hex'
import { decodeSnapshot, openSnapshot, packDocument } from '../log/format/snapshot'
import { authoredRuns } from './authored-runs'
import { type CaretPlace, decodeCaret, encodeCaret } from './caret'
import type { Change } from './change'
import { createHandle, genesisChange, type Handle, type ObjectId } from './genesis'
import { type Fault, Intake, type SealedSegment } from './intake'
import { LocalChanges } from './local-changes'
import type { TextEdit } from './page-tree'
import { DocumentParts, type PartContent } from './parts/document-parts'
import type { PartName, PartRecord } from './parts/parts'
import type { AuthoredRun, DocumentContent, LocalChange } from './replica-protocol'
import { Rope } from './rope'
import { rethrowTrap } from './trap'

/** Operations that are applied at once: Automerge takes memory for each until its patches are read. */
const operationsPerSlice = 20_000
/** Bytes of changes that are applied at once, since their text is in the patches too. */
const bytesPerSlice = 2 * 1024 * 1024
/**
 * Sum of the depths of the pages and given texts that a slice may make or put values into before reading the text again
 * is cheaper than following patches: for each patch, Automerge looks for all that it stands in.
 */
const depthsPerSlice = 6_000
/**
 * The same for patches, and for the edits that they are: with 1 MB of text, 8,000 are followed in half of the time that
 * reading takes, 16,000 in twice.
 */
const patchesPerSlice = 10_000

/**
 * A document in Automerge: takes local edits as change sets and peers' segments as they were stored, and returns their
 * effects on the text. serve-replica.ts runs it in a thread.
 */
export class Replica {
  private readonly handle: Handle
  private readonly rope: Rope
  private readonly intake: Intake
  private readonly bodyId: ObjectId
  private readonly parts: DocumentParts
  private readonly local: LocalChanges
  private content: Text = Text.empty
  /** The document changed since the text was read. */
  private isUnread = true
  /** Changes that were admitted and are not applied, in their order. */
  private readonly ready: Change[] = []
  private readonly actor: string

  /**
   * `actor` (hex) is the public key of the session whose log will hold this replica's local changes; `now` returns ms
   * since the Unix epoch, which changes note in seconds; `message` returns the message of the next change; `leftOut` is
   * that of Intake; of `parts` the records are read. A snapshot to begin with has been checked; throws MALFORMED for one
   * that cannot be opened.
   */
  constructor(options: {
    documentId: Uint8Array
    contentKey: Uint8Array
    actor: string
    now: () => number
    message?: () => string | undefined
    leftOut?: ReadonlyMap<string, number>
    snapshot?: Uint8Array | null
    parts?: readonly PartName[]
  }) {
    this.actor = options.actor
    this.handle = createHandle(options.actor)
    const { contentKey } = options
    const snapshot = options.snapshot ? decodeSnapshot(options.snapshot) : null
    const open = snapshot && (() => openSnapshot(contentKey, snapshot))
    // It contains the first change, and loads much faster into an empty document.
    if (open) this.handle.loadIncremental(open())
    else this.handle.applyChanges([genesisChange(options.documentId)])
    this.handle.updateDiffCursor()
    this.bodyId = `1@${hex(options.documentId)}`
    this.parts = new DocumentParts(this.handle, options.documentId, options.parts ?? [])
    this.rope = new Rope(this.handle, this.bodyId, options.actor)
    this.intake = new Intake({
      documentId: options.documentId,
      contentKey,
      placeOf: (hash) => this.handle.getChangeMetaByHash(hash) ?? null,
      leftOut: options.leftOut ?? new Map(),
      settled: snapshot?.sessions ?? [],
      document: open,
    })
    this.local = new LocalChanges({
      handle: this.handle,
      actor: options.actor,
      now: options.now,
      message: options.message ?? (() => undefined),
      check: (bytes) => this.intake.made(bytes),
    })
  }

  /** The visible text. */
  get text(): Text {
    if (this.isUnread) this.content = toText(this.rope.read())
    this.isUnread = false
    return this.content
  }

  /**
   * Takes a part of a log, before anything else. Cheaper than `receive`, since it computes no change sets. With
   * `onTaking` the changes are applied one by one: it is called with each before, and with null at the end, so that the
   * last call names the change that ended this thread, should it end.
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
    this.local.joinHeads()
    const read = (from: number, to: number) => text.sliceString(from, to)
    this.rope.edit(edits, read, (operations, bytes) => this.local.room(operations, bytes))
    this.content = changes.apply(text)
  }

  /** Puts a record of a part beside the text, in a separate change. Rule D3. */
  put(record: PartRecord): void {
    this.local.close()
    this.local.joinHeads()
    this.parts.put(record)
    this.local.close()
  }

  /** Returns the records of each part that changed since the last call; at first, of all that are read. */
  changedParts(): PartContent[] {
    return this.parts.changes()
  }

  /** Returns the messages of the changes in the document. */
  messages(): string[] {
    return this.handle.getChangesMeta([]).flatMap(({ message }) => message ?? [])
  }

  /** Number of changes admitted that were not in the snapshot. */
  get tail(): number {
    return this.intake.tail
  }

  /**
   * Returns the whole document, for a snapshot; null if it is too large for one. No local change may have been made,
   * and everything taken has to be applied.
   */
  contents(): DocumentContent | null {
    const packed = packDocument(this.handle.saveNoCompress())
    return packed && { packed, tips: this.intake.tips() }
  }

  /** Closes the change under way; returns all local changes since the last call. */
  commit(): LocalChange[] {
    return this.local.take()
  }

  /** Takes peers' segments, whose changes `next` applies. Returns the faults found. */
  take(segments: readonly SealedSegment[]): Fault[] {
    const { ready, faults } = this.intake.take(segments)
    for (const change of ready) this.ready.push(change)
    return faults
  }

  /** True while admitted changes wait to be applied. */
  get isBehind(): boolean {
    return this.ready.length > 0
  }

  /**
   * Applies a bounded number of the waiting changes; returns their effect on the text, null for none. Throws an error
   * unless `commit` came before.
   */
  next(): { changes: ChangeSet | null; faults: Fault[] } {
    if (this.handle.pendingOps() > 0) throw new Error('commit before next')
    const slice = nextSlice(this.ready)
    const { text } = this
    const faults = this.apply(slice)
    const changes = this.intake.depthsOf(slice) > depthsPerSlice ? this.reread(text) : this.follow(text)
    return { changes: changes.empty ? null : changes, faults }
  }

  /** Takes peers' segments and applies all their changes; returns the effect on the text. `commit` comes first. */
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

  /** Names a selection by the elements at its ends, so that any replica can find it. */
  caretAt(anchor: number, head: number): Uint8Array {
    const name = (offset: number): CaretPlace => {
      const { page, isGiven, index } = this.rope.locate(Math.min(offset, this.rope.length))
      return { page, cursor: isGiven ? `+${index}` : this.handle.getCursor(page, index) }
    }
    return encodeCaret({ anchor: name(anchor), head: name(head) })
  }

  /** Returns the offsets of a selection that another replica named; null for a malformed name, or elements not here. */
  placeOf(caret: Uint8Array): { anchor: number; head: number } | null {
    const name = decodeCaret(caret)
    const anchor = name && this.offsetOf(name.anchor)
    const head = name && this.offsetOf(name.head)
    return anchor === null || head === null ? null : { anchor, head }
  }

  /** Returns the counter of the last operation of a session (hex) in the document; 0 for none. */
  reachOf(session: string): number {
    return this.intake.reachOf(session)
  }

  /**
   * Returns the text as runs by author; of this replica's insertions only those in its changes up to number
   * `made`. Text that a session (hex) in `cuts` inserted after its change number there is marked as cut.
   * Looks at each character, about 10 µs for each.
   */
  authored(made: number, cuts: ReadonlyMap<string, number>): AuthoredRun[] {
    return authoredRuns({
      rope: this.rope,
      handle: this.handle,
      text: this.content.toString(),
      actor: this.actor,
      limit: this.local.endOf(made),
      limits: new Map([...cuts].map(([session, after]) => [session, this.endOf(session, after)])),
    })
  }

  /** Sizes of the Text objects, for measuring. */
  pageSizes(): number[] {
    return this.rope.sizes()
  }

  /** Bytes that Automerge itself saves the document in, for measuring. */
  savedSize(): number {
    return this.handle.save().length
  }

  /** Deepest nesting of the Text objects, for measuring; 1 for a single one. */
  pageDepth(): number {
    return this.rope.depth()
  }

  /** Frees the memory; the replica cannot be used afterwards. */
  free(): void {
    this.handle.free()
  }

  /** Applies changes at once; if Automerge refuses one, all except that one and those that depend on it. */
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

  /** Returns the counter of the last operation of a session (hex) up to its change number `seq`. */
  private endOf(session: string, seq: number): number {
    return session === this.actor ? this.local.endOf(seq) : this.intake.reachOf(session, seq)
  }

  private offsetOf({ page, cursor }: CaretPlace): number | null {
    if (cursor.startsWith('+'))
      return this.rope.offsetOf({ page, isGiven: true, index: Number(cursor.slice(1)) })
    if (this.rope.offsetOf({ page, isGiven: false, index: 0 }) === null) return null
    try {
      const index = this.handle.getCursorPosition(page, cursor as never)
      return this.rope.offsetOf({ page, isGiven: false, index })
    } catch {
      // Automerge throws for an element that is not here, and panics, only reading and so without harm, at one in no
      // page.
      return null
    }
  }

  /** Follows Automerge's patches since the last call; returns the change from the text before them. */
  private follow(before: Text): ChangeSet {
    const steps: ChangeSet[] = []
    let length = before.length
    this.rope.startFollowing()
    const patches = this.handle.diffIncremental()
    if (patches.length > patchesPerSlice) return this.reread(before)
    for (const patch of patches) {
      this.parts.follow(patch)
      const edits = this.rope.follow(patch)
      if (!edits || steps.length + edits.length > patchesPerSlice) return this.reread(before)
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

  /** Reads the text again, if following costs more or the patches cannot be followed; returns as `follow`. */
  private reread(before: Text): ChangeSet {
    this.handle.updateDiffCursor()
    this.parts.changedUnseen()
    const changes = difference(before, toText(this.rope.read()), { whole: true })
    this.content = changes.apply(before)
    return changes
  }
}

/** Takes the next changes off a list, up to a number of operations and bytes. */
function nextSlice(ready: Change[]): Change[] {
  let operations = 0
  let size = 0
  let count = 0
  for (const change of ready) {
    if (operations >= operationsPerSlice || size >= bytesPerSlice) break
    operations += change.operations.count
    size += change.bytes.length
    count++
  }
  return ready.splice(0, count)
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
