import { nextTurn } from '../base/next-turn'
import { SerialQueue } from '../base/serial-queue'
import { open, seal, sealOverhead } from '../keys/seal'
import type { NotesFile } from '../storage/store'

/** A key of the store and a lower bound of the number stored there; 0 if nothing is stored. */
export interface Fact {
  readonly key: Uint8Array
  readonly number: number
}

/** Length of the part that keys of one document and kind share: a letter and the document's id, in bytes. */
const headSize = 33
/** Maximum length of a noted key, in bytes. */
const maxKeySize = 255
const nonceSize = 24
const overhead = 4 + nonceSize + sealOverhead
/** Maximum size of facts that are sealed together, in bytes. */
const maxPlain = 64 * 1024
/** The file is rewritten with each fact once when it is longer than twice that and this many bytes. */
const slack = 64 * 1024

const noBytes = new Uint8Array(0)
const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

/**
 * Notes of what a store must hold, in a file beside it. Facts are appended as they change, so a note costs as
 * much as the change and not as the store; the last fact about a key counts. Each addition is sealed, and
 * everything from the first unreadable one on is ignored: incomplete notes are safe. The file is a
 * sequence of: size of the rest (4 bytes, big-endian), nonce (24 bytes), sealed facts; and a fact is: size of
 * the key (1 byte), key, number (4 bytes, big-endian).
 */
export class StoreNotes {
  private readonly file: NotesFile
  private readonly random: (size: number) => Buffer
  private key: Uint8Array | null = null
  /** By the first 33 bytes of keys, then by the rest; as latin1 strings. */
  private readonly facts = new Map<string, Map<string, number>>()
  private count = 0
  /** Bytes of all keys that are noted. */
  private keyBytes = 0
  private fileSize = 0
  /** The file ends in a partial write: nothing can be appended before it is rewritten. */
  private isTorn = false
  private queued: Fact[] = []
  private readonly writing = new SerialQueue()

  /** `random` makes nonces. Does no I/O. */
  constructor(file: NotesFile, random: (size: number) => Buffer) {
    this.file = file
    this.random = random
  }

  /** Resolves to true if there are notes. A file that cannot be read counts as missing. */
  async isThere(): Promise<boolean> {
    return (await this.bytes()).length > 0
  }

  /** Reads what was noted with this key (32 bytes). Before that nothing is noted. Never rejects. */
  async open(key: Uint8Array): Promise<void> {
    const bytes = Buffer.from(await this.bytes())
    let at = 0
    for (let frame = frameAt(bytes, at, key); frame; frame = frameAt(bytes, at, key)) {
      for (const fact of frame.facts) this.set(fact)
      at = frame.end
    }
    this.fileSize = at
    this.isTorn = at < bytes.length
    this.key = key
  }

  /** Returns the number noted for a key; 0 if there is no note. */
  numberOf(key: Uint8Array): number {
    const name = latin1(key)
    return this.facts.get(name.slice(0, headSize))?.get(name.slice(headSize)) ?? 0
  }

  /** Returns the numbers noted for keys that begin with `head` (33 bytes), by the rest as latin1 strings. */
  under(head: Uint8Array): ReadonlyMap<string, number> {
    return this.facts.get(latin1(head)) ?? new Map()
  }

  /** Yields all facts. */
  *all(): Generator<Fact> {
    for (const [head, rest] of this.facts)
      for (const [end, number] of rest) yield { key: Buffer.from(head + end, 'latin1'), number }
  }

  /** Notes facts and writes them to the file soon after. Facts that the disk refuses are retried with the next. */
  note(facts: readonly Fact[]): void {
    if (!this.key) return
    const changed = facts.filter(({ key, number }) => this.numberOf(key) !== number)
    if (changed.length === 0) return
    for (const fact of changed) this.set(fact)
    const isFirst = this.queued.length === 0
    this.queued.push(...changed)
    if (isFirst) void this.writing.run(() => this.writeQueued())
  }

  /** Resolves when all noted facts are in the file or were refused by the disk. */
  idle(): Promise<void> {
    return this.writing.idle()
  }

  /** Writes the noted facts and releases the file. Idempotent. Never rejects. */
  async close(): Promise<void> {
    await this.writing.idle()
    if (this.isTorn) await this.rewrite().catch(() => undefined)
    this.key = null
    await this.file.close().catch(() => undefined)
  }

  private bytes(): Promise<Uint8Array> {
    return this.file.read().catch(() => noBytes)
  }

  private set({ key, number }: Fact): void {
    const name = latin1(key)
    const [head, rest] = [name.slice(0, headSize), name.slice(headSize)]
    const known = this.facts.get(head) ?? new Map<string, number>()
    const change = Number(number > 0) - Number(known.has(rest))
    this.count += change
    this.keyBytes += change * name.length
    if (number > 0) known.set(rest, number)
    else known.delete(rest)
    if (known.size > 0) this.facts.set(head, known)
    else this.facts.delete(head)
  }

  private async writeQueued(): Promise<void> {
    const { queued } = this
    this.queued = []
    try {
      const needed = this.keyBytes + 5 * this.count
      if (this.isTorn || this.fileSize > 2 * needed + slack) await this.rewrite()
      else {
        const frames = Buffer.concat([...this.framesOf(queued)])
        this.isTorn = true // until all of it is there
        await this.file.append(frames)
        this.isTorn = false
        this.fileSize += frames.length
      }
    } catch {
      this.isTorn = true
    }
  }

  private async rewrite(): Promise<void> {
    const frames: Uint8Array[] = []
    for (const frame of this.framesOf(this.all())) {
      frames.push(frame)
      // Facts that are noted meanwhile are appended to it.
      await nextTurn()
    }
    const bytes = Buffer.concat(frames)
    await this.file.replace(bytes)
    this.fileSize = bytes.length
    this.isTorn = false
  }

  private *framesOf(facts: Iterable<Fact>): Generator<Uint8Array> {
    const { key } = this
    if (!key) return
    let parts: Uint8Array[] = []
    let size = 0
    for (const fact of facts) {
      const bytes = encodeFact(fact)
      if (size + bytes.length > maxPlain) {
        yield frameOf(Buffer.concat(parts), key, this.random(nonceSize))
        parts = []
        size = 0
      }
      parts.push(bytes)
      size += bytes.length
    }
    if (size > 0) yield frameOf(Buffer.concat(parts), key, this.random(nonceSize))
  }
}

function encodeFact({ key, number }: Fact): Uint8Array {
  if (key.length > maxKeySize) throw new RangeError('a key that is too long')
  const bytes = Buffer.alloc(1 + key.length + 4)
  bytes[0] = key.length
  bytes.set(key, 1)
  bytes.writeUInt32BE(number, 1 + key.length)
  return bytes
}

function frameOf(plain: Uint8Array, key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(nonceSize + plain.length + sealOverhead)
  return Buffer.concat([size, nonce, seal(key, plain, noBytes, nonce)])
}

/** Returns the facts at `at` and where they end; null if they are malformed or another key sealed them. */
function frameAt(bytes: Buffer, at: number, key: Uint8Array): { facts: Fact[]; end: number } | null {
  if (at + overhead > bytes.length) return null
  const begin = at + 4
  const end = begin + bytes.readUInt32BE(at)
  if (end > bytes.length || end - at > overhead + maxPlain) return null
  try {
    const nonce = bytes.subarray(begin, begin + nonceSize)
    const plain = Buffer.from(open(key, bytes.subarray(begin + nonceSize, end), noBytes, nonce))
    return { facts: factsIn(plain), end }
  } catch {
    return null
  }
}

/** Returns the facts in a frame. Throws a RangeError if it is truncated. */
function factsIn(plain: Buffer): Fact[] {
  const facts: Fact[] = []
  for (let at = 0; at < plain.length; ) {
    const end = at + 1 + plain.readUInt8(at)
    facts.push({ key: plain.subarray(at + 1, end), number: plain.readUInt32BE(end) })
    at = end + 4
  }
  return facts
}
