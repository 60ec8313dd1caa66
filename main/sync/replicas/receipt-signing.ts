import type { Environment } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import type { DocumentKeys, Role } from '../../keys/derive'
import type { DocumentLog } from '../../log/document-log'
import type { SessionId } from '../../log/format/version-vector'
import { RateLimit } from '../budget/rate-limit'
import type { LocalState } from '../state/local-state'
import type { RemoteState } from '../state/remote-state'
import type { Port } from '../wire/channel'
import type { Instance } from '../wire/instance'
import { Audit } from './audit'
import { provePossession } from './possession'
import { type ReplicaProof, readReplicaProof } from './replica-proof'
import {
  decodeAsk,
  decodeSigned,
  encodeAsk,
  encodeSigned,
  type Question,
  questionSize,
  type SignedReceipt,
  signReceipt,
  verifyReceipt,
} from './signed-receipt'

/** Questions for signed receipts that a peer is answered each second; more are dropped. Rule W71. */
export const maxAskRate = 2
/** A peer is asked at most this often, in ms; after each proof that fails half as often as before. Rule W71. */
const askInterval = 1_000
/** A peer that proves nothing is asked this often at least, in ms. */
const longestInterval = 30_000
/** How long an answer is waited for, in ms; then it counts as one without a proof. */
const answerLimit = 10_000

/** This side as a holder, and the instance that it signs with. */
export interface OwnStorage {
  readonly instance: Instance
  /** Makes the statement of which computer this is; null to stay unknown. */
  readonly word: () => Uint8Array | null
}

/** Dependencies of `Attestation`. */
export interface ReceiptSigningOptions {
  readonly own: OwnStorage
  readonly log: DocumentLog
  readonly holdings: LocalState
  readonly claims: RemoteState
  readonly environment: Environment
  readonly keys: () => DocumentKeys
  readonly port: () => Port | null
}

/**
 * Signed receipts between this side and one peer: which computer each is, what is asked for, signed and proven.
 * Rules W70, W71, W73.
 */
export class ReceiptSigning {
  /** The computer that the peer runs on, once it has said so. */
  word: ReplicaProof | null = null
  private readonly options: ReceiptSigningOptions
  private readonly audit: Audit
  private readonly rate: RateLimit
  private askedAt = Number.NEGATIVE_INFINITY
  /** When it was last looked through for what is left to prove: with many sessions that takes a while. */
  private lookedAt = Number.NEGATIVE_INFINITY
  private failures = 0
  /** The question that waits for an answer. */
  private pending: Question | null = null
  private answering: Promise<void> = Promise.resolve()

  constructor(options: ReceiptSigningOptions) {
    this.options = options
    this.audit = new Audit(options)
    this.rate = new RateLimit(options.environment.clock, maxAskRate)
  }

  /** The peer proved that it holds what it says it holds of what is held here. Rule W73. */
  get isProven(): boolean {
    return this.audit.isPassed
  }

  /** To be called when more is held on one of the two sides, or less. */
  touch(): void {
    this.audit.touch()
  }

  /** The peer asks for a session after `after`: what it is being asked about it cannot prove with what it gets then. */
  wanted(session: SessionId, after: number): void {
    if (this.pending?.spots.some((spot) => spot.session === session && spot.tip > after)) this.fail()
  }

  /** Says which computer this is. */
  introduce(): void {
    const word = this.options.own.word()
    if (word) this.options.port()?.send('holder', word)
  }

  /** Takes the first statement of a peer with that instance key; later ones are ignored. Throws MALFORMED. */
  takeWord(body: Uint8Array, instance: Uint8Array, role: Role): void {
    this.word ??= readReplicaProof(body, this.options.keys(), instance, role)
  }

  /**
   * Asks for receipts of these sessions, `maxAsked` at most, which are proven up to a number by now, and for a proof
   * of the rest when one is due; not sooner than it may. Returns when there may be more to ask, in ms from now;
   * Infinity for not before something changes.
   */
  ask(sessions: ReadonlyMap<SessionId, number>): number {
    const { clock, random } = this.options.environment
    const now = clock.now()
    const isLate = this.pending !== null && Math.abs(now - this.askedAt) >= answerLimit
    if (isLate) this.fail()
    if (sessions.size === 0 && !this.audit.mayBeDue(now)) return Number.POSITIVE_INFINITY
    const interval = Math.min(longestInterval, askInterval * 2 ** this.failures)
    // Never longer than the interval, also when the clock was set back.
    const since = sessions.size > 0 ? this.askedAt : Math.max(this.askedAt, this.lookedAt)
    const wait = Math.min(interval, since + interval - now)
    if (wait > 0) return wait
    if (this.pending) return askInterval
    this.lookedAt = now
    const asked = this.audit.spots(sessions, now)
    if (asked.spots.length === 0) return Number.POSITIVE_INFINITY
    this.askedAt = now
    this.pending = { nonce: random(32), ...asked }
    this.options.port()?.send('ask', encodeAsk(this.pending))
    return interval
  }

  /** Signs and proves what is durable here of what is asked for. Throws MALFORMED. */
  answer(body: Uint8Array): void {
    const question = decodeAsk(body)
    if (!this.rate.pass()) return
    this.answering = this.answering
      .then(() => this.prove(question))
      // Unreadable segments are not proven: they are reported to the document's user, not the peer.
      .catch(() => undefined)
  }

  /**
   * Takes an answer of an instance with that public key. Resolves to the receipts in it when the proof holds; null
   * when it does not, or nothing was asked. Throws MALFORMED for a receipt that is unsound.
   */
  take(body: Uint8Array, instance: Uint8Array): Promise<SignedReceipt[] | null> {
    const { documentId } = this.options.keys()
    const answer = decodeSigned(body)
    const question = this.pending
    if (!question || !sameBytes(answer.question, question.nonce.subarray(0, questionSize)))
      return Promise.resolve(null)
    this.pending = null
    const { tips } = answer
    const asked = new Map(
      question.spots.slice(0, question.signed).map(({ session }, at) => [session, tips[at]]),
    )
    const receipts = answer.receipts.filter(({ session, tip }) => asked.get(session) === tip)
    const isSound = receipts.every((receipt) => verifyReceipt(receipt, documentId, instance))
    if (isSound && tips.length === question.spots.length)
      return this.judge(question, { ...answer, receipts }, instance)
    this.fail()
    throw new SwarmpadError('MALFORMED', {
      why: 'a receipt that its sender did not sign, or for something else',
    })
  }

  private async judge(
    question: Question,
    { proof, tips, receipts }: { proof: Uint8Array; tips: readonly number[]; receipts: SignedReceipt[] },
    instance: Uint8Array,
  ): Promise<SignedReceipt[] | null> {
    const spots = question.spots.map((spot, at) => ({ ...spot, tip: tips[at] ?? 0 }))
    const held = spots.filter(({ tip }) => tip > 0)
    const { nonce } = question
    const own = await provePossession(this.options.log, { nonce, instance, spots: held }).catch(() => null)
    if (!own || !sameBytes(own, proof)) {
      this.fail()
      return null
    }
    this.failures = 0
    this.audit.passed(question.spots, spots, this.options.environment.clock.now())
    return receipts
  }

  private fail(): void {
    this.pending = null
    this.failures++
    this.audit.failed()
  }

  private async prove({ nonce, signed, spots }: Question): Promise<void> {
    const { holdings, log, own, environment } = this.options
    const at = environment.clock.now()
    const receipts: SignedReceipt[] = []
    const found = spots.map((spot, place) => {
      const extent = holdings.vector.get(spot.session)
      if (!extent) return { ...spot, tip: 0 }
      const { tip, mark } = extent
      if (place >= signed) return { ...spot, tip: Math.min(tip, spot.tip) }
      receipts.push(signReceipt(own.instance, { session: spot.session, tip, mark, at }))
      return { ...spot, tip }
    })
    const proof = await provePossession(log, {
      nonce,
      instance: own.instance.pair.publicKey,
      spots: found.filter(({ tip }) => tip > 0),
    })
    if (!proof) return
    const tips = found.map(({ tip }) => tip)
    const answer = { question: nonce.subarray(0, questionSize), proof, tips, receipts }
    this.options.port()?.send('signed', encodeSigned(answer))
  }
}
