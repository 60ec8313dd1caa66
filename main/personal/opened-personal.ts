import { createHash } from 'node:crypto'
import { Text } from '@codemirror/state'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { nextTurn } from '../base/next-turn'
import { SerialQueue } from '../base/serial-queue'
import { OpenDocument } from '../document/open-document'
import type { PartChannel } from '../document/part-channel'
import type { StartReplica } from '../document/replica-thread'
import { makeSnapshot } from '../document/snapshot-maker'
import type { DocumentKeys } from '../keys/derive'
import type { Identity } from '../keys/identity'
import type { DocumentLog } from '../log/document-log'
import type { VersionVector } from '../log/format/version-vector'
import { SessionLog } from '../log/session-log'
import { keyOfRecord } from '../replica/parts/hashed-records'
import type { KeyedRecord } from '../replica/parts/part'
import type { Arrangement } from './arrangement'
import { decodeRegisters, encodeRegisters } from './register-record'
import { type Register, Registers } from './registers'

/** Records that are read in one turn. */
const slice = 100

/** Dependencies of `OpenedPersonal`. */
export interface OpenedPersonalOptions {
  readonly environment: Environment
  readonly startReplica: StartReplica
  readonly arrangement: Arrangement
  /** Hex. */
  readonly id: string
  readonly keys: DocumentKeys
  readonly log: DocumentLog
  readonly self: () => { name: string; identity: Identity }
  readonly onFailure: (error: unknown) => void
}

/**
 * The private document while a replica of it runs: what others put into it goes to the arrangement, and what it lacks of
 * the arrangement is put into it.
 */
export class OpenedPersonal {
  private readonly options: OpenedPersonalOptions
  private readonly document: OpenDocument
  private readonly channel: PartChannel
  /** The registers in the document's records. */
  private held = new Registers()
  private known: ReadonlySet<string> = new Set()
  private readonly reading = new SerialQueue()
  private failure: { readonly error: unknown } | null = null
  private closed = false

  /** Begins to load the document. */
  constructor(options: OpenedPersonalOptions) {
    this.options = options
    const { environment, startReplica, keys, log, self } = options
    const { documentId, content } = keys
    if (!content) throw new Error('the private document is one to write in')
    const ignore = () => undefined
    this.document = new OpenDocument({
      documentId,
      contentKey: content,
      log,
      newSession: () => new SessionLog({ documentId, keys, ...self(), environment }),
      canWrite: true,
      startReplica,
      clock: environment.clock,
      parts: ['meta'],
      text: Text.empty,
      journal: { random: environment.random, left: null, store: () => [], remove: () => [] },
      hasCompany: () => false,
      onUpdates: ignore,
      onState: ignore,
      onSelected: ignore,
      onCarets: ignore,
      onContent: (content) => {
        const made = makeSnapshot({ content, keys, log, startReplica, environment })
        made.catch((error) => this.failed(error))
      },
    })
    this.channel = this.document.channel('meta')
    this.channel.onRecords((records) => {
      this.reading
        .run(() => this.read(records))
        .catch((error) => {
          // Some were not taken: all are to be read again.
          this.restart()
          this.failure = { error }
        })
    })
  }

  /**
   * Makes document and arrangement agree, and notes it. Rejects with NOT_SAVED, CLOSED or STORE_WRITE_FAILED; nothing is
   * lost then, and another `OpenedPersonal` goes on. Rejects with INTERNAL where the document does not take what it lacks,
   * as beyond the bounds of rule D12: another attempt would end alike.
   */
  async agree(): Promise<void> {
    const { arrangement, id, log } = this.options
    let putBefore = ''
    let rounds = 0
    do {
      const extent = extentOf(log.vector)
      await this.document.settled()
      await this.reading.idle()
      if (this.failure) throw this.failure.error
      const lacking = encodeRegisters(arrangement.beyond(this.held)).map((bytes) => ({
        key: keyOfRecord(bytes),
        bytes,
      }))
      const put = lacking.map(({ key }) => key).join()
      rounds = put === putBefore ? rounds + 1 : 0
      putBefore = put
      // The replica has told of the first round's records when it answers the second one's.
      if (put !== '' && rounds === 2) throw new SwarmpadError('INTERNAL', { why: 'records are not taken' })
      await Promise.all(lacking.map((record) => this.channel.put(record)))
      await this.reading.idle()
      // Records that were put make the log longer than the extent: it is compared once more.
      if (lacking.length === 0 && (await arrangement.agree(id, extent, this.held))) return
    } while (!this.closed)
  }

  /** Ends the replica; what it has not written is put in by the next one. */
  async close(): Promise<void> {
    this.closed = true
    this.document.close()
    await this.reading.idle()
  }

  /** Takes all records of the document. */
  private async read(records: readonly KeyedRecord[]): Promise<void> {
    const keys = new Set(records.map(({ key }) => key))
    // Records go where a part of the log was dropped for another history.
    if ([...this.known].some((key) => !keys.has(key))) this.restart()
    const news: Register[] = []
    let count = 0
    for (const { key, bytes } of records) {
      if (this.known.has(key)) continue
      if (++count % slice === 0) await nextTurn()
      for (const register of decodeRegisters(bytes)) if (this.held.take(register)) news.push(register)
    }
    this.known = keys
    await this.options.arrangement.take(news)
  }

  private restart(): void {
    this.held = new Registers()
    this.known = new Set()
  }

  private failed(error: unknown): void {
    if (!this.closed) this.options.onFailure(error)
  }
}

/** Names how much of each session a log holds. */
export function extentOf(vector: VersionVector): string {
  const hash = createHash('sha256')
  for (const session of [...vector.keys()].sort()) hash.update(`${session}:${vector.get(session)?.tip}\n`)
  return hash.digest('hex')
}
