import c, { type State } from 'compact-encoding'
import { hasCode } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { boundedBytes, decodeWhole } from '../log/format/encoding'
import { metaBounds } from '../replica/parts/meta-part'
import { isRegister, kinds, type Register, type ValueOf } from './registers'

/** The form of records. Programs read over records of another form. Rule P11. */
const version = 1
/** Most bytes of a value or a word: 1,024 code units of UTF-8. */
const maxTextSize = 3_072
/** Most bytes of one record's groups; the version comes before them. */
const maxSize = metaBounds.recordSize - 1

/** Registers of one kind that were set to one value at one time. */
interface Group {
  readonly kind: Register['kind']
  readonly stamp: number
  readonly value: Register['value']
  readonly subjects: string[]
}

/** Returns records, each within the bound of one, that hold the registers. Equal registers give equal records. */
export function encodeRegisters(registers: Iterable<Register>): Uint8Array[] {
  const groups = new Map<string, Group>()
  for (const { kind, stamp, value, subject } of registers) {
    const name = JSON.stringify([kind, stamp, value])
    const group = groups.get(name) ?? { kind, stamp, value, subjects: [] }
    groups.set(name, group)
    group.subjects.push(subject)
  }
  const records: Uint8Array[] = []
  let open: Buffer[] = []
  let size = 0
  const close = () => {
    if (open.length > 0) records.push(Buffer.concat([Buffer.of(version), ...open]))
    open = []
    size = 0
  }
  for (const bytes of [...groups.values()].flatMap(encodeGroup)) {
    if (size + bytes.length > maxSize) close()
    open.push(bytes)
    size += bytes.length
  }
  close()
  return records
}

/** Returns the registers of a record, which anyone who may write can have made; none of one that is not sound. */
export function decodeRegisters(record: Uint8Array): Register[] {
  if (record[0] !== version) return []
  try {
    const registers = decodeWhole(record.subarray(1), decodeGroups)
    return registers.every(isRegister) ? registers : []
  } catch (error) {
    if (hasCode(error, 'MALFORMED')) return []
    throw error
  }
}

/** Encodes a group, in several parts where it is too long for one record. */
function encodeGroup({ kind, stamp, value, subjects }: Group): Buffer[] {
  const head = Buffer.concat([
    c.encode(c.uint, kinds.indexOf(kind)),
    c.encode(c.uint, stamp),
    typeof value === 'string' ? c.encode(c.string, value) : c.encode(c.uint, Number(value)),
  ])
  const parts: Buffer[] = []
  let open: Uint8Array[] = []
  let size = 0
  const close = () => {
    if (open.length > 0) parts.push(Buffer.concat([head, c.encode(c.uint, open.length), ...open]))
    open = []
    size = 0
  }
  for (const subject of [...subjects].sort()) {
    const bytes = kind === 'word' ? c.encode(c.string, subject) : fromHex(subject)
    if (head.length + countSize + size + bytes.length > maxSize) close()
    open.push(bytes)
    size += bytes.length
  }
  close()
  return parts
}

/** Most bytes of the number of subjects. */
const countSize = 3

function decodeGroups(state: State): Register[] {
  const registers: Register[] = []
  while (state.start < state.end) {
    const kind = kinds[c.uint.decode(state)]
    if (!kind) throw new Error('a register of an unknown kind')
    const stamp = c.uint.decode(state)
    const value = decodeValue(kind, state)
    for (let left = c.uint.decode(state); left > 0; left--) {
      const subject = kind === 'word' ? decodeText(state) : hex(c.fixed32.decode(state))
      registers.push({ kind, subject, stamp, value })
    }
  }
  return registers
}

function decodeValue(kind: Register['kind'], state: State): ValueOf<Register['kind']> {
  if (kind === 'folder') return decodeText(state)
  const number = c.uint.decode(state)
  if (kind === 'removed') return number
  if (number > 1) throw new Error('a flag that is neither 0 nor 1')
  return number === 1
}

function decodeText(state: State): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(boundedBytes(state, maxTextSize))
}
