import type { FaultCode } from '../../preload/messages/codes'
import { SwarmpadError } from '../base/errors'

/** Reads LEB128 numbers and byte strings in their shortest form, never past the end: throws MALFORMED. */
export class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public offset: number,
  ) {}

  /** True once everything is read. */
  get ended(): boolean {
    return this.offset >= this.bytes.length
  }

  take(size: number): Uint8Array {
    const end = this.offset + size
    if (end > this.bytes.length) throw malformed('cut short')
    const taken = this.bytes.subarray(this.offset, end)
    this.offset = end
    return taken
  }

  /** Reads a count of items of at least `size` bytes each, bounded by the rest of the bytes. */
  count(size: number): number {
    const count = this.unsigned()
    if (count * size > this.bytes.length - this.offset) throw malformed('cut short')
    return count
  }

  unsigned(): number {
    let byte = this.byte()
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    for (let scale = 128; ; scale *= 128) {
      byte = this.byte()
      value += (byte & 0x7f) * scale
      if (!Number.isSafeInteger(value)) throw malformed('number too large')
      if (byte >= 0x80) continue
      if (byte === 0) throw malformed('a number is not in its shortest form')
      return value
    }
  }

  signed(): number {
    let byte = this.byte()
    if (byte < 0x80) return byte & 0x40 ? byte - 0x80 : byte
    let value = byte & 0x7f
    for (let scale = 128; ; scale *= 128) {
      const sign = byte & 0x40
      byte = this.byte()
      value += (byte & 0x7f) * scale
      if (!Number.isSafeInteger(value)) throw malformed('number too large')
      if (byte >= 0x80) continue
      if (byte === (sign ? 0x7f : 0)) throw malformed('a number is not in its shortest form')
      return byte & 0x40 ? value - scale * 128 : value
    }
  }

  private byte(): number {
    const byte = this.bytes[this.offset++]
    if (byte === undefined) throw malformed('cut short')
    return byte
  }
}

/** A value of a column; null where a row has none. */
export type Value = number | string | null

type Kind = 'unsigned' | 'delta' | 'text'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes UTF-8, byte order marks included. Throws MALFORMED for anything else. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed('not UTF-8')
  }
}

/**
 * Reads a run-length encoded column of Automerge's binary format row by row. Takes the one encoding that Automerge
 * itself writes for a sequence of values and throws MALFORMED for every other, so that the bytes of a change survive
 * being stored in a document: runs of two or more equal values, literals without equal neighbours, no run that
 * continues the one before, and no column of nulls alone.
 * Format: https://automerge.org/automerge-binary-format-spec/
 */
export class RunColumn {
  private readonly reader: Reader
  private readonly kind: Kind
  private readonly isPresent: boolean
  private state: 'run' | 'literals' | 'nulls' | 'none' = 'none'
  private left = 0
  /** The last value as it is encoded: for a delta column the difference. */
  private encoded: number | string = 0
  private absolute = 0
  private hasValues = false

  constructor(data: Uint8Array | undefined, kind: Kind) {
    this.reader = new Reader(data ?? new Uint8Array(0), 0)
    this.kind = kind
    this.isPresent = data !== undefined
  }

  /** The next row's value. An absent column has none in any row. */
  next(): Value {
    if (!this.isPresent) return null
    if (this.left === 0) this.begin()
    this.left--
    if (this.state === 'nulls') return null
    if (this.state === 'literals') {
      const value = this.read()
      if (this.hasNeighbour && value === this.encoded) throw malformed('a run is written as literals')
      this.encoded = value
      this.hasNeighbour = true
    }
    if (this.kind !== 'delta') return this.encoded
    this.absolute += this.encoded as number
    if (!Number.isSafeInteger(this.absolute)) throw malformed('number too large')
    return this.absolute
  }

  /** The next row's value where it has to be a number; null for none. Throws MALFORMED for a negative one. */
  number(): number | null {
    const value = this.next()
    if (typeof value === 'string' || (value !== null && value < 0)) throw malformed('not a number')
    return value
  }

  /** True after the last row. */
  get ended(): boolean {
    return this.left === 0 && this.reader.ended
  }

  /** Throws MALFORMED unless all of the column was read. */
  end(): void {
    if (!this.ended) throw malformed('a column is too long')
    if (this.isPresent && !this.hasValues) throw malformed('a column of nulls')
  }

  /** The previous value is directly before the next one. */
  private hasNeighbour = false

  private begin(): void {
    const before = this.state
    const run = this.reader.signed()
    if (run === 0) {
      if (before === 'nulls') throw malformed('a run is split')
      this.left = this.reader.unsigned()
      if (this.left === 0) throw malformed('an empty run')
      this.state = 'nulls'
      this.hasNeighbour = false
      return
    }
    this.hasValues = true
    if (run < 0) {
      if (before === 'literals') throw malformed('a run is split')
      this.left = -run
      this.state = 'literals'
      return
    }
    if (run === 1) throw malformed('a run of one')
    const value = this.read()
    if (this.hasNeighbour && value === this.encoded) throw malformed('a run is split')
    this.encoded = value
    this.hasNeighbour = true
    this.left = run
    this.state = 'run'
  }

  private read(): number | string {
    if (this.kind === 'unsigned') return this.reader.unsigned()
    if (this.kind === 'delta') return this.reader.signed()
    return decodeText(this.reader.take(this.reader.count(1)))
  }
}

/** Reads a column of booleans row by row, in the one encoding that Automerge writes. Throws MALFORMED for others. */
export class BooleanColumn {
  private readonly reader: Reader
  private value = true
  private left = 0
  private isFirst = true

  constructor(data: Uint8Array) {
    this.reader = new Reader(data, 0)
  }

  next(): boolean {
    while (this.left === 0) {
      this.left = this.reader.unsigned()
      this.value = !this.value
      if (this.left === 0 && !this.isFirst) throw malformed('an empty run')
      this.isFirst = false
    }
    this.left--
    return this.value
  }

  /** Throws MALFORMED unless all of the column was read. */
  end(): void {
    if (this.left > 0 || !this.reader.ended) throw malformed('a column is too long')
  }
}

/** Returns the error for bytes that are no valid change; `why` holds no text and no keys. */
export const malformed = (why: string, fault: FaultCode = 'CHANGE_MALFORMED'): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: `change: ${why}`, fault })

/** Makes the MALFORMED for a change that refers to something that none of its ancestors made. */
export const unknownReference = (): SwarmpadError =>
  malformed('built on something that its ancestors did not make', 'REFERENCE_UNKNOWN')
