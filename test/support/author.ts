import { ChangeSet } from '@codemirror/state'
import { systemEnvironment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import type { DocumentKeys } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { SessionLog } from '../../main/log/session-log'
import type { Fault, SealedSegment } from '../../main/replica/intake'
import { Replica } from '../../main/replica/replica'
import type { LocalChange } from '../../main/replica/replica-protocol'
import type { Edit } from './trace'

/** Edits that write a text at a place as a person types it, in pieces that are too short for given text. */
export function typed(place: number, text: string): Edit[] {
  const letters = [...text]
  const edits: Edit[] = []
  let from = place
  for (let start = 0; start < letters.length; start += 60) {
    const insert = letters.slice(start, start + 60).join('')
    edits.push({ from, to: from, insert })
    from += insert.length
  }
  return edits
}

/** A replica that writes entry by entry, each closed into a change, and the log that it would keep. */
export class Author {
  readonly replica: Replica
  private readonly session: SessionLog
  private readonly keys: DocumentKeys
  private readonly content: Uint8Array
  /** The changes of each entry: one with much text is several. */
  private readonly entries: LocalChange[][] = []
  private readonly log: SealedSegment[][] = []
  private readonly taken = new Map<Author, number>()

  /** Authors of one document differ by their number, 0 to 254. Throws when the keys cannot write. */
  constructor(keys: DocumentKeys, number: number) {
    if (!keys.content) throw new Error('these keys cannot write')
    this.keys = keys
    this.content = keys.content
    this.session = new SessionLog({
      documentId: keys.documentId,
      keys,
      identity: identityFromSeed(Buffer.alloc(32, number + 1)),
      name: `author ${number}`,
      environment: systemEnvironment,
    })
    this.replica = this.start(this.id)
  }

  /** The visible text. */
  get text(): string {
    return this.replica.text.toString()
  }

  /** Its session, hex. */
  get id(): string {
    return hex(this.session.session)
  }

  /** How many entries it wrote. */
  get written(): number {
    return this.entries.length
  }

  /** How many changes its entries are. */
  get changes(): number {
    return this.entries.flat().length
  }

  /** Writes an entry: edits, each in the text after the one before. */
  write(edits: readonly Edit[]): void {
    for (const edit of edits) this.replica.edit(ChangeSet.of(edit, this.replica.text.length, '\n'))
    this.entries.push(this.replica.commit())
  }

  /** Takes the first `count` entries of another; returns what they did. */
  take(other: Author, count: number): { changes: ChangeSet | null; faults: Fault[] } {
    const from = this.taken.get(other) ?? 0
    if (other === this || count <= from) return { changes: null, faults: [] }
    this.taken.set(other, count)
    return this.replica.receive(other.sealed(from, count))
  }

  /** The text as a fresh replica loads it from all logs that are held here. */
  reread(): string {
    const replica = this.start('ff'.repeat(32))
    const taken = [...this.taken].flatMap(([other, count]) => other.sealed(0, count))
    const faults = replica.load([...this.sealed(0, this.written), ...taken])
    const text = replica.text.toString()
    replica.free()
    if (faults.length > 0) throw new Error(faults[0]?.why)
    return text
  }

  /** Entries as segments: each is sealed alone and once, so that anyone may take any number of them. */
  sealed(from: number, to: number): SealedSegment[] {
    const { certificate } = this.session
    for (const changes of this.entries.slice(this.log.length, to))
      this.log.push(this.session.sealAll(changes).map((segment) => ({ segment: segment.bytes, certificate })))
    return this.log.slice(from, to).flat()
  }

  private start(actor: string): Replica {
    const { documentId } = this.keys
    return new Replica({ documentId, contentKey: this.content, actor, now: Date.now, parts: ['notes'] })
  }
}
