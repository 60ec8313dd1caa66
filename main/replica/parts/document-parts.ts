import { hex } from '../../base/hex'
import { type Handle, type ObjectId, partRoots, rootNames } from '../genesis'
import type { KeyedRecord, Part } from './part'
import { type PartName, type PartRecord, parts } from './parts'

/** All records of a part. */
export interface PartContent {
  readonly part: PartName
  readonly records: KeyedRecord[]
}

type Listed = (typeof parts)[number]

const byRoot: ReadonlyMap<unknown, Listed> = new Map(parts.map((part) => [rootNames[part.root], part]))

/** The parts of one document in Automerge, and which of them changed. */
export class DocumentParts {
  private readonly handle: Handle
  private readonly documentId: string
  private readonly read: readonly Listed[]
  /** Parts that changed since the last `changes`. */
  private readonly changed: Set<Listed>

  /** Reads the parts with these names only. */
  constructor(handle: Handle, documentId: Uint8Array, names: readonly PartName[]) {
    this.handle = handle
    this.documentId = hex(documentId)
    this.read = parts.filter(({ name }) => names.includes(name))
    this.changed = new Set(this.read)
  }

  /** Puts a record into the change under way. */
  put({ part: name, key, bytes }: PartRecord): void {
    for (const part of parts) {
      if (part.name !== name) continue
      part.put(this.handle, this.mapOf(part), { key, bytes })
      this.note(part)
    }
  }

  /** Follows a patch of Automerge. */
  follow(patch: { readonly path: readonly unknown[] }): void {
    const part = byRoot.get(patch.path[0])
    if (part) this.note(part)
  }

  /** Notes that any part may have changed. */
  changedUnseen(): void {
    for (const part of this.read) this.changed.add(part)
  }

  /** Returns the records of each part that changed since the last call; at first, of all that are read. */
  changes(): PartContent[] {
    if (this.changed.size === 0) return []
    const contents = [...this.changed].map((part) => ({
      part: part.name,
      records: part.read(this.handle, this.mapOf(part)),
    }))
    this.changed.clear()
    return contents
  }

  private note(part: Listed): void {
    if (this.read.includes(part)) this.changed.add(part)
  }

  /** Returns the id of a part's map, which the first change makes. Rule D1. */
  private mapOf({ root }: Part): ObjectId {
    return `${partRoots[root]}@${this.documentId}`
  }
}
