import { Debounce } from '../base/debounce'
import type { Environment, Timer } from '../base/environment'
import { hasCode } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import type { StartReplica } from '../document/replica-thread'
import { type DocumentKeys, keysFromWrite } from '../keys/derive'
import { personalSecret } from '../keys/devices'
import type { Identity } from '../keys/identity'
import type { DocumentLog } from '../log/document-log'
import type { Arrangement } from './arrangement'
import { extentOf, OpenedPersonal } from './opened-personal'

/** Delay that gathers what a person arranges into few records, in ms. */
const gatherTime = 1_000
/** How long a replica runs on when nothing is left to do, in ms. */
const idleTime = 30_000
/** Delay of another attempt after one failed, in ms. */
const retryTime = 30_000

/** Dependencies of `PersonalDocument`. */
export interface PersonalDocumentOptions {
  readonly environment: Environment
  readonly startReplica: StartReplica
  readonly arrangement: () => Arrangement
  /** This person, as they sign. */
  readonly self: () => { name: string; identity: Identity }
  /** Returns the seed of the author key, 32 bytes. */
  readonly seed: () => Uint8Array
  /** True if the person uses other computers too. */
  readonly hasDevices: () => boolean
  /** Opens the log of the private document and shares it with the person's other computers. Rejects with STORE_DAMAGED. */
  readonly keep: (id: string) => Promise<DocumentLog>
  /** Closes its log. */
  readonly drop: (id: string) => Promise<void>
  /** Deletes the log of another person's private document. Rejects with STORE_WRITE_FAILED. */
  readonly forget: (documentId: Uint8Array) => Promise<void>
  readonly onFailure: (error: unknown) => void
}

/**
 * The private document of a person: an ordinary document whose secret only their computers can derive, so that what they
 * arranged follows by sync. Its log is open once something is arranged or other computers are paired; a replica runs only
 * while there is something to take from it or to put into it. Rules P10 and P11.
 */
export class PersonalDocument {
  private readonly options: PersonalDocumentOptions
  private readonly gathering: Debounce
  private keysOrNull: DocumentKeys | null = null
  private log: DocumentLog | null = null
  private stopListening: readonly (() => void)[] = []
  private opened: OpenedPersonal | null = null
  private idling: Timer | null = null
  private begun: Promise<void> | null = null
  private running: Promise<void> = Promise.resolve()
  private isRunning = false
  private isDue = false
  private stopped = false

  /** Does no I/O. */
  constructor(options: PersonalDocumentOptions) {
    this.options = options
    this.gathering = new Debounce(options.environment.clock, () => this.run())
  }

  /** The keys of the present person's private document; null while it is not kept. */
  get keys(): DocumentKeys | null {
    return this.keysOrNull
  }

  /** Returns true for the id (hex) of the private document that is kept, whose log is to stay open. */
  is(id: string): boolean {
    return this.keysOrNull !== null && hex(this.keysOrNull.documentId) === id
  }

  /** Keeps the private document from now on, if there is a reason to. Idempotent. */
  start(): void {
    const { arrangement, hasDevices, onFailure } = this.options
    if (this.stopped || this.begun || (arrangement().isEmpty && !hasDevices())) return
    this.begun = this.begin()
    this.begun.catch((error) => {
      if (!this.stopped) onFailure(error)
    })
  }

  /** Goes on with the private document of the person that this profile has become. */
  async changePerson(): Promise<void> {
    await this.end()
    this.start()
  }

  /** Ends the replica, and begins nothing more; resolves when nothing runs. The log stays open. Idempotent. */
  async close(): Promise<void> {
    this.stopped = true
    await this.end({ keepsLog: true })
  }

  private async begin(): Promise<void> {
    const { arrangement, seed, keep, forget } = this.options
    const keys = keysFromWrite(personalSecret(seed()))
    const id = hex(keys.documentId)
    this.keysOrNull = keys
    const before = arrangement().agreed?.document
    const log = await keep(id)
    if (this.stopped) return
    this.log = log
    const wake = () => this.wake(0)
    this.stopListening = [
      arrangement().on('unput', () => this.wake(gatherTime)),
      log.onReceived(wake),
      log.onSettled(wake),
      log.onCut(wake),
    ]
    if (!this.isAgreed) wake()
    // All of it is put into the document of the present person.
    if (before !== undefined && before !== id) await forget(fromHex(before))
  }

  private async end({ keepsLog = false } = {}): Promise<void> {
    const { keysOrNull: keys } = this
    await this.begun?.catch(() => undefined)
    this.begun = null
    this.gathering.cancel()
    for (const stop of this.stopListening) stop()
    this.stopListening = []
    await this.closeReplica()
    await this.running
    this.log = null
    if (!keys || keepsLog) return
    await this.options.drop(hex(keys.documentId))
    this.keysOrNull = null
  }

  private get isAgreed(): boolean {
    const { agreed } = this.options.arrangement()
    const { log } = this
    if (!log || !agreed?.isPut || !this.is(agreed.document)) return false
    return agreed.extent === extentOf(log.vector)
  }

  private wake(delay: number): void {
    if (this.stopped || !this.log) return
    if (this.isRunning) this.isDue = true
    else this.gathering.signal(delay)
  }

  private run(): void {
    if (this.stopped || this.isRunning || !this.log) return
    this.isRunning = true
    this.isDue = false
    this.running = this.agree().then((isDone) => {
      this.isRunning = false
      if (this.isDue || !isDone) this.wake(isDone ? 0 : retryTime)
    })
  }

  /** Makes document and arrangement agree; resolves to false if that is to be tried again. */
  private async agree(): Promise<boolean> {
    this.keepReplica()
    if (this.isAgreed) {
      this.letIdle()
      return true
    }
    const opened = this.replica()
    try {
      await opened.agree()
      this.letIdle()
      return true
    } catch (error) {
      if (this.opened !== opened) return false
      await this.closeReplica()
      this.options.onFailure(error)
      // The document does not take it later: nothing is to be tried until something changes.
      return hasCode(error, 'INTERNAL')
    }
  }

  private replica(): OpenedPersonal {
    const { log, keysOrNull: keys, options } = this
    if (!log || !keys) throw new Error('the private document is not kept')
    this.opened ??= new OpenedPersonal({
      ...options,
      arrangement: options.arrangement(),
      id: hex(keys.documentId),
      keys,
      log,
    })
    return this.opened
  }

  private letIdle(): void {
    if (this.opened)
      this.idling = this.options.environment.clock.set(idleTime, () => void this.closeReplica())
  }

  private keepReplica(): void {
    if (this.idling) this.options.environment.clock.clear(this.idling)
    this.idling = null
  }

  private async closeReplica(): Promise<void> {
    this.keepReplica()
    const { opened } = this
    this.opened = null
    await opened?.close()
  }
}
