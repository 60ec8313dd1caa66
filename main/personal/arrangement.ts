import type { ArrangementChange } from '../../preload/contract/library'
import { Emitter } from '../../preload/emitter'
import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { SerialQueue } from '../base/serial-queue'
import type { Vault } from '../profile/vault'
import type { Store, Write } from '../storage/store'
import { readOlder } from './older-records'
import { decodeRegisters, encodeRegisters } from './register-record'
import {
  isRegister,
  type Kind,
  maxStamp,
  type Register,
  Registers,
  type Setting,
  type ValueOf,
} from './registers'
import { type AgreedState, StoredRegisters } from './stored-registers'

/** How a person arranged a document. */
export type Arranged = Required<ArrangementChange>

/** Events of the arrangement. Listeners must not throw. */
export interface ArrangementEvents {
  /** These registers changed, here or on another computer; durable. */
  changed: readonly Register[]
  /** Some are not in the private document yet. */
  unput: null
}

/** Dependencies of `Arrangement`. */
export interface ArrangementOptions {
  readonly vault: Vault
  readonly store: Store
  readonly clock: Clock
}

/** Most facts in a backup: 11 MiB of base64. */
const maxPacked = 256

const unarranged: Arranged = { folder: '', pinned: false, archived: false }

/**
 * The folders, pins, archive, removals and own words of a person. Sealed on disk; the private document brings them to
 * the person's other computers. Invariants:
 *
 * 1. What this shows is durable.
 * 2. What is not in the private document is marked as such in the same batch, so that a kill loses nothing of it.
 * 3. The content is a function of the set of all registers that were ever set on any of the computers.
 */
export class Arrangement {
  private readonly vault: Vault
  private readonly store: Store
  private readonly clock: Clock
  private readonly stored: StoredRegisters
  private readonly registers = new Registers()
  private readonly emitter = new Emitter<ArrangementEvents>()
  private readonly queue = new SerialQueue()
  private state: AgreedState | null = null

  /** Does no I/O. */
  constructor({ vault, store, clock }: ArrangementOptions) {
    this.vault = vault
    this.store = store
    this.clock = clock
    this.stored = new StoredRegisters(vault)
  }

  /** Reads the records, and takes over what older programs stored otherwise. */
  async open(): Promise<void> {
    this.state = await this.stored.read(this.registers)
    const older = await readOlder(this.vault, this.clock.now())
    // A full disk does not prevent opening; the next start tries again.
    if (older.settings.length > 0) await this.set(older.settings, older.removals).catch(() => undefined)
  }

  /** Adds a listener; returns its remover. */
  on<Name extends keyof ArrangementEvents>(
    name: Name,
    listener: (detail: ArrangementEvents[Name]) => void,
  ): () => void {
    return this.emitter.on(name, listener)
  }

  /** How far the private document agrees; null where that is not known. */
  get agreed(): AgreedState | null {
    return this.state
  }

  /** True while the person has arranged nothing. */
  get isEmpty(): boolean {
    return this.registers.isEmpty
  }

  /** Returns how the person arranged a document. */
  of(id: string): Arranged {
    const { registers } = this
    return {
      folder: registers.get('folder', id) ?? unarranged.folder,
      pinned: registers.get('pinned', id) ?? unarranged.pinned,
      archived: registers.get('archived', id) ?? unarranged.archived,
    }
  }

  /** Returns true if the person removed a document, on any of their computers, and did not restore it since. */
  isRemoved(id: string): boolean {
    return (this.registers.get('removed', id) ?? 0) > 0
  }

  /** Yields the ids of documents that were removed or restored once, and whether they are removed now. */
  *removals(): Generator<{ id: string; isRemoved: boolean }> {
    for (const { subject, value } of this.registers.of('removed')) yield { id: subject, isRemoved: value > 0 }
  }

  /** The person's own words, in no particular order. */
  get words(): readonly string[] {
    return [...this.registers.of('word')].flatMap(({ subject, value }) => (value ? [subject] : []))
  }

  /** Arranges documents; durable when it resolves. Rejects as `set` does, and then nothing changed. */
  arrange(ids: readonly string[], change: ArrangementChange): Promise<void> {
    const { folder, pinned, archived } = change
    const settings = (kind: Kind, value: ValueOf<Kind> | undefined): Setting[] =>
      value === undefined ? [] : ids.map((subject) => ({ kind, subject, value }))
    return this.set([
      ...settings('folder', folder),
      ...settings('pinned', pinned),
      ...settings('archived', archived),
    ])
  }

  /**
   * Sets registers now; those that have that value are left out. Durable when it resolves, together with `more`. Rejects
   * with STORE_WRITE_FAILED, or with REQUEST_INVALID for one that is not sound, and then nothing changed.
   */
  set(settings: readonly Setting[], more: readonly Write[] = []): Promise<void> {
    return this.queue.run(async () => {
      const stamp = Math.max(Math.min(this.clock.now(), maxStamp), this.registers.latest + 1)
      if (stamp > maxStamp) throw new SwarmpadError('INTERNAL', { why: 'no later stamp' })
      const changed = settings
        .filter(({ kind, subject, value }) => (this.registers.get(kind, subject) ?? initial[kind]) !== value)
        .map((setting) => ({ ...setting, stamp }))
      // The private document's readers would skip it, and put it in again for ever.
      if (!changed.every(isRegister)) throw new SwarmpadError('REQUEST_INVALID')
      await this.write(changed, more, false)
      if (changed.length > 0) this.emitter.emit('unput', null)
    })
  }

  /** Takes sound registers from the private document. Durable when it resolves. Rejects with STORE_WRITE_FAILED. */
  take(registers: Iterable<Register>): Promise<void> {
    return this.queue.run(async () => {
      const news = [...registers].filter((register) => this.registers.isNews(register))
      await this.write(news, [], true)
    })
  }

  /** Returns the registers here that are later than those in `others`. */
  beyond(others: Registers): Register[] {
    return [...this.registers].filter((register) => others.isNews(register))
  }

  /**
   * Notes that the private document holds all registers here, up to that extent of its log, unless `others`, which it
   * holds, lack any; resolves to true if it was noted. Rejects with STORE_WRITE_FAILED.
   */
  agree(document: string, extent: string, others: Registers): Promise<boolean> {
    return this.queue.run(async () => {
      if (this.beyond(others).length > 0) return false
      const state = { document, extent, isPut: true }
      await this.store.write([this.stored.agreed(state)])
      this.state = state
      return true
    })
  }

  /** Returns everything as facts (rule P11) in base64, for a backup; as many as it has room for. */
  packed(): string[] {
    const facts = encodeRegisters(this.registers).slice(0, maxPacked)
    return facts.map((bytes) => Buffer.from(bytes).toString('base64'))
  }

  /**
   * Takes the sound part of what `packed` returned elsewhere, where it is later than here. Durable when it resolves.
   * Rejects with STORE_WRITE_FAILED.
   */
  adopt(packed: unknown): Promise<void> {
    const facts = Array.isArray(packed) ? packed.filter((fact) => typeof fact === 'string') : []
    const registers = facts.flatMap((fact) => decodeRegisters(Buffer.from(fact, 'base64')))
    return this.queue.run(async () => {
      const news = registers.filter((register) => this.registers.isNews(register))
      await this.write(news, [], false)
      if (news.length > 0) this.emitter.emit('unput', null)
    })
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    return this.queue.idle()
  }

  /** Writes registers and `more`. `isPut`: the registers come from the private document. */
  private async write(changed: readonly Register[], more: readonly Write[], isPut: boolean): Promise<void> {
    if (changed.length === 0 && more.length === 0) return
    const next = new Registers()
    for (const id of new Set(changed.map(({ subject }) => subject)))
      for (const register of this.registers.about(id)) next.take(register)
    if (changed.some(({ kind }) => kind === 'word'))
      for (const word of this.registers.of('word')) next.take({ kind: 'word', ...word })
    for (const register of changed) next.take(register)
    const { state } = this
    const isBehind = state?.isPut === true && !isPut && changed.length > 0
    const after = isBehind ? { ...state, isPut: false } : state
    const marks = after && isBehind ? [this.stored.agreed(after)] : []
    await this.store.write([...more, ...(await this.stored.writes(next, changed)), ...marks])
    this.state = after
    for (const register of changed) this.registers.take(register)
    if (changed.length > 0) this.emitter.emit('changed', changed)
  }
}

/** The value of a register that nobody set. */
const initial: { readonly [Of in Kind]: ValueOf<Of> } = {
  ...unarranged,
  removed: 0,
  word: false,
}
