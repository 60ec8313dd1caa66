import { rebaseUpdates, type Update } from '@codemirror/collab'
import { ChangeSet, type ChangeSpec, type Text } from '@codemirror/state'
import { cleanText, isHighSurrogate, isLowSurrogate } from '../../preload/text'
import '../../preload/text/many-changes'
import { SwarmpadError } from '../base/errors'
import { changesToJson } from './change-json'

/** A batch of changes as windows send and get it. */
export interface WireUpdate {
  /** The editor that made the change; changes of other peers have the id 'peer'. */
  clientID: string
  /** A CodeMirror ChangeSet as JSON. */
  changes: unknown
}

/** Updates kept for windows that lag behind. */
const keptUpdates = 2_000
/** Longest text that one push may insert, in UTF-16 code units. */
const maxInsert = 16 * 1024 * 1024

/** An edit by offsets in a text, in UTF-16 code units. */
export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** A selection, as offsets in a text, in UTF-16 code units. */
export interface Selection {
  readonly anchor: number
  readonly head: number
}

/** Client id of changes that did not come from a window. */
export const peerClient = 'peer'

/**
 * Text of an open document as windows see it: a sequence of versions, each one update after the last one.
 * Edits made at an older version are rebased. This is the one authority for all windows of a document; it
 * never waits for the replica.
 */
export class EditVersions {
  private readonly updates: Update[] = []
  private first = 0
  private content: Text

  constructor(text: Text) {
    this.content = text
  }

  /** The text at the newest version. */
  get text(): Text {
    return this.content
  }

  /** The newest version. */
  get version(): number {
    return this.first + this.updates.length
  }

  /**
   * Takes a window's edits made at `version`; returns what they did to the newest text. Throws
   * VERSION_GONE when the versions between are no longer kept, EDIT_INVALID when the edits do not fit
   * the text. Halves of surrogate pairs that an edit would leave behind are replaced by U+FFFD.
   */
  push(version: number, updates: readonly WireUpdate[]): ChangeSet {
    const over = this.after(version)
    return valid(() => {
      let received: readonly Update[] = updates.map(({ clientID, changes }) => ({
        clientID,
        changes: ChangeSet.fromJSON(changes),
      }))
      // One by one, as the window does it: over several at once, an edit may come to lie elsewhere.
      for (const update of over) received = rebaseUpdates(received, [update])
      return this.apply(received)
    })
  }

  /** Takes edits given as offsets in the newest text, which are cleaned; returns what they did. Throws EDIT_INVALID. */
  edit(edits: readonly TextEdit[], clientID: string): ChangeSet {
    return valid(() => {
      const cleaned = edits.map(({ from, to, insert }) => ({ from, to, insert: cleanText(insert) }))
      return this.apply([{ clientID, changes: ChangeSet.of(cleaned, this.content.length, '\n') }])
    })
  }

  /** Takes a change made elsewhere, which fits the newest text. */
  add(changes: ChangeSet): void {
    this.append({ clientID: peerClient, changes }, changes.apply(this.content))
  }

  /** The updates after `version`, for windows. Throws VERSION_GONE when they are no longer kept. */
  since(version: number): WireUpdate[] {
    return this.after(version).map(({ clientID, changes }) => ({ clientID, changes: changesToJson(changes) }))
  }

  /** The changes after `version`. Throws as `since` does. */
  changesSince(version: number): ChangeSet[] {
    return this.after(version).map(({ changes }) => changes)
  }

  private after(version: number): readonly Update[] {
    if (!Number.isSafeInteger(version) || version < this.first || version > this.version)
      throw new SwarmpadError('VERSION_GONE')
    return this.updates.slice(version - this.first)
  }

  /** Moves an offset in the text of `version` to the newest text, and into it. Throws as `since` does. */
  place(position: number, version: number): number {
    const moved = this.after(version).reduce(
      (place, { changes }) => changes.mapPos(Math.min(place, changes.length), 1),
      Math.max(0, position),
    )
    return Math.min(moved, this.content.length)
  }

  private apply(updates: readonly Update[]): ChangeSet {
    let text = this.content
    let total = ChangeSet.empty(text.length)
    const accepted: [Update, Text][] = []
    const accept = (update: Update) => {
      text = update.changes.apply(text)
      total = total.compose(update.changes)
      accepted.push([update, text])
    }
    for (const update of updates) {
      checkInserted(update.changes)
      accept(update)
    }
    const repair = repairPairs(total, text)
    if (repair.length > 0) accept({ clientID: peerClient, changes: ChangeSet.of(repair, text.length, '\n') })
    for (const [update, after] of accepted) this.append(update, after)
    return total
  }

  private append(update: Update, text: Text): void {
    this.updates.push(update)
    this.content = text
    // Trimmed in large steps, so that it costs nothing a key.
    if (this.updates.length > 2 * keptUpdates) this.first += this.updates.splice(0, keptUpdates).length
  }
}

/** Runs `take`; an edit that it cannot be is EDIT_INVALID. */
function valid(take: () => ChangeSet): ChangeSet {
  try {
    return take()
  } catch (error) {
    throw new SwarmpadError('EDIT_INVALID', {}, { cause: error })
  }
}

/** Throws a RangeError for too much text, and for a line with a line end inside, of which CodeMirror would lose count. */
function checkInserted(changes: ChangeSet): void {
  let length = 0
  changes.iterChanges((_from, _to, _fromNew, _toNew, insert) => {
    length += insert.length
    for (const line of insert.iterLines())
      if (line.includes('\n')) throw new RangeError('a line end inside a line')
  })
  if (length > maxInsert) throw new RangeError('too much text at once')
}

/** Replaces lone halves of surrogate pairs in and around what an edit changed: no CRDT keeps them. */
function repairPairs(changes: ChangeSet, text: Text): ChangeSpec[] {
  const repair: ChangeSpec[] = []
  let done = 0
  changes.iterChanges((_from, _to, from, to) => {
    const start = Math.max(done, from - 1)
    const end = Math.min(text.length, to + 1)
    // One unit more on either side, to see the other half of a pair that stands across the border.
    const offset = Math.max(0, start - 1)
    const part = text.sliceString(offset, end + 1, '\n')
    for (let position = start; position < end; position++) {
      const unit = part.charCodeAt(position - offset)
      const lone = isHighSurrogate(unit)
        ? !isLowSurrogate(part.charCodeAt(position - offset + 1))
        : isLowSurrogate(unit) && !isHighSurrogate(part.charCodeAt(position - offset - 1))
      if (lone) repair.push({ from: position, to: position + 1, insert: '\ufffd' })
    }
    done = Math.max(done, end)
  })
  return repair
}
