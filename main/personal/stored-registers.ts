import { fromHex } from '../base/hex'
import { nextTurn } from '../base/next-turn'
import type { Vault } from '../profile/vault'
import type { Write } from '../storage/store'
import { isRegister, type Kind, kinds, type Register, type Registers } from './registers'

/** How far the private document agrees with the registers here, as stored. */
export interface AgreedState {
  /** The private document, hex: another person has another one. */
  readonly document: string
  /** Names the extents of its log up to which all records are in the registers. */
  readonly extent: string
  /** All registers were put into it. */
  readonly isPut: boolean
}

/** Records that are sealed in one turn. */
const slice = 200

const wordsId = new Uint8Array(0)
const agreedId = Uint8Array.of(1)

/** A register as it is stored: [kind, stamp, value], for a word [word, stamp, value]. */
type Row = [name: string, stamp: number, value: unknown]

/**
 * The registers as they lie sealed in the vault: one record for each document, one for all words, and one that says how
 * far the private document agrees.
 */
export class StoredRegisters {
  private readonly vault: Vault

  constructor(vault: Vault) {
    this.vault = vault
  }

  /** Reads all records into `registers`. Damaged ones are skipped, and then nothing is agreed. */
  async read(registers: Registers): Promise<AgreedState | null> {
    const { records, damaged } = await this.vault.all('personal')
    let agreed: AgreedState | null = null
    for (const record of records.values()) {
      if (isAgreed(record)) agreed = record
      else for (const register of registersOf(record)) registers.take(register)
    }
    return damaged > 0 ? null : agreed
  }

  /** Resolves to the writes that store what `registers` hold of the subjects of `changed`; seals some in each turn. */
  async writes(registers: Registers, changed: readonly Register[]): Promise<Write[]> {
    const ids = new Set(changed.flatMap(({ kind, subject }) => (kind === 'word' ? [] : [subject])))
    const writes: Write[] = []
    for (const id of ids) {
      if (writes.length % slice === slice - 1) await nextTurn()
      const rows = [...registers.about(id)].map(({ kind, stamp, value }): Row => [kind, stamp, value])
      writes.push(this.vault.sealed('personal', fromHex(id), { id, rows }))
    }
    if (changed.some(({ kind }) => kind === 'word')) writes.push(this.words(registers))
    return writes
  }

  /** Returns the write that stores how far the private document agrees. */
  agreed(state: AgreedState): Write {
    return this.vault.sealed('personal', agreedId, state)
  }

  private words(registers: Registers): Write {
    const words = [...registers.of('word')].map(({ subject, stamp, value }): Row => [subject, stamp, value])
    return this.vault.sealed('personal', wordsId, { words })
  }
}

/** Returns the sound registers of a record. */
function registersOf(record: unknown): Register[] {
  const { id, rows, words } = (record ?? {}) as { id?: unknown; rows?: unknown; words?: unknown }
  const read = Array.isArray(words)
    ? rowsOf(words).map(([subject, stamp, value]) => ({ kind: 'word' as const, subject, stamp, value }))
    : rowsOf(rows).flatMap(([name, stamp, value]) => {
        const kind = kinds.find((known) => known === name)
        return kind ? [{ kind, subject: String(id), stamp, value }] : []
      })
  return read.filter((register): register is { kind: Kind } & Register => isRegister(register as Register))
}

const rowsOf = (rows: unknown): Row[] =>
  Array.isArray(rows) ? rows.filter((row) => Array.isArray(row) && typeof row[0] === 'string') : []

function isAgreed(record: unknown): record is AgreedState {
  const { document, extent, isPut } = (record ?? {}) as Partial<Record<keyof AgreedState, unknown>>
  return typeof document === 'string' && typeof extent === 'string' && typeof isPut === 'boolean'
}
