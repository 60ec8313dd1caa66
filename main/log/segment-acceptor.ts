import type { Clock } from '../base/environment'
import { assertNever, hasCode } from '../base/errors'
import { hex } from '../base/hex'
import type { Write } from '../storage/store'
import { makeForkProof, verifyForkProof } from './format/fork'
import type { Segment } from './format/segment'
import type { SessionId } from './format/version-vector'
import { type Judgement, judge, switchInterval } from './judge'
import type { LogWriter, Origin } from './log-writer'
import type { DocumentQuota } from './quota'
import type { DamagedSessions } from './scrub/damaged-sessions'
import type { LogHealth } from './scrub/log-health'
import type { Accepted, Joining, Rebased, Session } from './session'
import type { SessionHistories } from './session-histories'
import type { SessionTable } from './session-table'
import type { SizeAccount } from './size-account'
import type { NewBase } from './snapshots/snapshot-store'

/**
 * Result of offering a segment. 'gap': it does not follow the held ones. 'unknown-session': its certificate is needed,
 * or cannot be checked before the manifest is here. 'fork': it is of another history of its session, which does not
 * win or cannot be taken now. 'busy': writes are failing, too much is queued, or the quota for others' edits is
 * exhausted (S14); offer it again later.
 */
export type Verdict = 'accepted' | 'duplicate' | 'gap' | 'unknown-session' | 'invalid' | 'fork' | 'busy'

/** A segment from outside. */
export interface Offered {
  readonly segment: Uint8Array
  /** Certificate of its session; needed with the first segment only. */
  readonly certificate: Uint8Array | null
  readonly origin: Exclude<Origin, 'local'>
  /** Its session was made in this profile, as a backup of this profile says. */
  readonly own: boolean
}

/** Parts of a log that accepting works with. */
export interface AcceptorHost {
  readonly documentId: Uint8Array
  readonly clock: Clock
  /** Returns W.publicKey; null while a reader waits for the manifest. */
  readonly verifyKey: () => Uint8Array | null
  readonly sessions: SessionTable
  readonly damaged: DamagedSessions
  readonly writer: LogWriter
  readonly account: SizeAccount
  readonly quota: DocumentQuota
  readonly histories: () => SessionHistories
  readonly health: () => Pick<LogHealth, 'received' | 'switched'>
  /** Forgets a snapshot that may hold dropped changes; returns the records for that. */
  readonly forgetSnapshot: () => readonly Write[]
  /** Called when a live session was retired; its changes past `after` are about to be dropped. */
  readonly onRetired: (session: SessionId, after: number | null) => void
  readonly onFork: (proof: Uint8Array) => void
  /** Called when a guard kept a session from being switched. */
  readonly onHeldBack: (session: SessionId) => void
}

/** Takes into a log what comes from outside: segments as the judge decides, fork proofs, and bases of snapshots. */
export class SegmentAcceptor {
  private readonly host: AcceptorHost
  private readonly switchGuards = new Set<() => boolean>()

  constructor(host: AcceptorHost) {
    this.host = host
  }

  /** Judges a segment at once, and queues it for the disk when it is 'accepted'. Never throws. */
  offer({ segment, certificate, origin, own }: Offered): Verdict {
    const { documentId, verifyKey, clock, sessions, quota } = this.host
    const judgement = judge(
      { segment, certificate },
      {
        documentId,
        verifyKey: verifyKey(),
        hasRoom: !this.isBusy && (own || !quota.shortage),
        now: clock.now(),
        session: (id) => sessions.get(id),
      },
    )
    return this.apply(judgement, origin, own)
  }

  /** Takes a fork proof from outside: the first for each session is kept. */
  acceptFork(proof: Uint8Array): 'accepted' | 'duplicate' | 'unknown-session' | 'invalid' | 'busy' {
    if (this.isBusy) return 'busy'
    try {
      const id = hex(verifyForkProof(proof, this.host.documentId))
      if (!this.host.sessions.get(id)) return 'unknown-session'
      return this.convictOnce(id, Uint8Array.from(proof)) ? 'accepted' : 'duplicate'
    } catch (error) {
      if (hasCode(error, 'MALFORMED')) return 'invalid'
      throw error
    }
  }

  /** Gives sessions bases. The caller writes what it returns. */
  rebase(bases: readonly NewBase[], origin: Origin): Rebased[] {
    const { quota, sessions, health } = this.host
    quota.take(0, bases.filter(({ id }) => !this.isCounted(id)).length)
    const rebased = bases.map(({ id, base, certificate }) =>
      sessions.rebase(id, base, this.joining(id, Uint8Array.from(certificate), false)),
    )
    for (const { id } of bases) health().received(id, origin)
    return rebased
  }

  /** Asks `mayDrop` before each switch; returns a function that removes it. */
  guardSwitches(mayDrop: () => boolean): () => void {
    this.switchGuards.add(mayDrop)
    return () => this.switchGuards.delete(mayDrop)
  }

  /** Ends the signing in a session. `after`: its changes past this number are about to be dropped. */
  retire(session: SessionId, after: number | null): void {
    if (this.host.sessions.retire(session)) this.host.onRetired(session, after)
  }

  /** Keeps the first fork proof of a session; false when it has one, or is not held. */
  convictOnce(id: SessionId, proof: Uint8Array): boolean {
    const session = this.host.sessions.get(id)
    if (!session || session.fork) return false
    this.convict(session, proof)
    return true
  }

  private get isBusy(): boolean {
    const { writer, account } = this.host
    return !writer.isOpen || writer.problem !== null || account.isQueueFull
  }

  private apply(judgement: Judgement, origin: Origin, own: boolean): Verdict {
    if ('runsElsewhere' in judgement && judgement.runsElsewhere)
      this.retire(hex(judgement.segment.session), null)
    switch (judgement.verdict) {
      case 'accepted':
        this.take(judgement.segment, judgement.admitted, origin, own)
        return 'accepted'
      case 'switch':
        return this.switchTo(judgement, origin)
      case 'fork':
        if (judgement.proof) this.convictOnce(hex(judgement.segment.session), judgement.proof)
        return 'fork'
      case 'behind':
        this.host.histories().lookUp(judgement.segment)
        return 'duplicate'
      case 'duplicate':
      case 'gap':
      case 'unknown-session':
      case 'invalid':
      case 'busy':
        return judgement.verdict
      default:
        return assertNever(judgement)
    }
  }

  private take(segment: Segment, admitted: Uint8Array | null, origin: Origin, own: boolean): void {
    const id = hex(segment.session)
    const joining = admitted && this.joining(id, admitted, own)
    const isNew = joining !== null && !joining.own && !this.isCounted(id)
    const accepted = this.host.sessions.accept(segment, joining)
    const size = own || accepted.session.own ? 0 : segment.bytes.length
    this.host.account.take(size, isNew ? 1 : 0)
    this.queue(accepted, origin, size)
  }

  /** Drops the held changes from the segment's first number on, and takes the segment instead. Rule S12. */
  private switchTo(
    { segment, certificate, held }: Extract<Judgement, { verdict: 'switch' }>,
    origin: Origin,
  ): Verdict {
    const { sessions, clock, account, health, onHeldBack } = this.host
    const id = hex(segment.session)
    if (![...this.switchGuards].every((mayDrop) => mayDrop())) {
      onHeldBack(id)
      return 'fork'
    }
    health().switched(id, segment.seqTo)
    this.retire(id, segment.seqFrom - 1)
    const accepted = sessions.switchTo(segment, certificate, clock.now() + switchInterval)
    this.convict(accepted.session, makeForkProof(held, segment.tipProof))
    const size = accepted.session.own ? 0 : segment.bytes.length
    account.take(size, 0)
    this.queue(accepted, origin, size)
    return 'accepted'
  }

  private queue(accepted: Accepted, origin: Origin, size: number): void {
    this.host.health().received(accepted.session.id, origin)
    // The snapshot may hold the dropped changes too.
    const records = accepted.cut ? this.host.forgetSnapshot() : []
    this.host.writer.add({ segments: [accepted], records, origin, size })
  }

  /** Keeps a fork proof and reports it: the first, and one for each switch. */
  private convict({ id, key }: Session, bytes: Uint8Array): void {
    this.retire(id, null)
    this.host.sessions.convict(id, bytes)
    this.host.writer.add({ proof: { session: key, bytes } })
    this.host.onFork(bytes)
  }

  /** Returns properties of a session that joins the table; those of a lost one are known. */
  private joining(id: SessionId, certificate: Uint8Array, own: boolean): Joining {
    const lost = this.host.damaged.lostSession(id)
    return { certificate, own: own || (lost?.own ?? false), fork: lost?.fork ?? null }
  }

  /** Returns true if the quota counts the memory of a session already. */
  private isCounted(id: SessionId): boolean {
    return this.host.sessions.get(id) !== undefined || this.host.damaged.lostSession(id) !== null
  }
}
