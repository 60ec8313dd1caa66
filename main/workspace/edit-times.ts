import type { Update } from '../../preload/contract/updates'
import type { Clock } from '../base/environment'
import { hex } from '../base/hex'
import { peerClient } from '../document/edit-versions'
import { isOwnDevice } from '../keys/devices'
import type { Identity } from '../keys/identity'
import { authorOf } from '../log/authors'
import type { DocumentLog } from '../log/document-log'
import type { SessionId } from '../log/format/version-vector'

/** Dependencies of `EditTimes`. */
export interface EditTimesOptions {
  readonly clock: Clock
  readonly log: DocumentLog
  readonly contentKey: Uint8Array
  /** This person; they may write in the document on other computers too. */
  readonly self: () => Identity
}

/** Times of the last edits of a document since it was opened; null for none. */
export class EditTimes {
  /** In ms since the Unix epoch. */
  last: number | null = null
  /** As `last`, of edits of other people. */
  lastOfOthers: number | null = null
  /** As `clock.uptime()`, of edits made here. */
  typed: number | null = null

  private readonly options: EditTimesOptions
  private readonly own = new Map<SessionId, boolean>()
  /** Words of others may be among those that are stored and not in the text yet. */
  private othersWait = false
  private readonly stops: readonly (() => void)[]

  /** Listens to the log until `stop`. */
  constructor(options: EditTimesOptions) {
    const { log } = options
    this.options = options
    this.stops = [
      log.onReceived((segments) => this.received(segments.map(({ session }) => hex(session)))),
      log.onSettled((sessions) => this.received(sessions)),
    ]
  }

  /** Notes updates that are applied now. Text that is read from the disk (`isLoading`) is not new. */
  note(updates: readonly Update[], isLoading: boolean): void {
    const { clock } = this.options
    this.last = clock.now()
    if (isLoading) return
    for (const { clientID } of updates)
      if (clientID !== peerClient) this.typed = clock.uptime()
      else if (this.othersWait) this.lastOfOthers = this.last
  }

  /** Notes that everything stored is in the text. */
  caughtUp(): void {
    this.othersWait = false
  }

  /** Stops listening. */
  stop(): void {
    for (const stop of this.stops) stop()
  }

  private received(sessions: readonly SessionId[]): void {
    if (!this.othersWait) this.othersWait = !sessions.every((session) => this.isOwn(session))
  }

  /** Returns true if this person wrote a session, here or on another computer of theirs. */
  private isOwn(session: SessionId): boolean {
    const known = this.own.get(session)
    if (known !== undefined) return known
    const { log, contentKey: content, self } = this.options
    const author = authorOf({ log, content }, session)
    const isOwn = author !== null && isOwnDevice(author, self())
    this.own.set(session, isOwn)
    return isOwn
  }
}
