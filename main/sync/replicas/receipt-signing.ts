import type { Environment } from '../../base/environment'
import { SwarmpadError } from '../../base/errors'
import { SerialQueue } from '../../base/serial-queue'
import { sameBytes } from '../../keys/bytes'
import type { DocumentKeys, Role } from '../../keys/derive'
import type { DocumentLog } from '../../log/document-log'
import type { SessionId } from '../../log/format/version-vector'
import { RateLimit } from '../budget/rate-limit'
import type { LocalState } from '../state/local-state'
import type { RemoteState } from '../state/remote-state'
import type { Port } from '../wire/channel'
import type { Instance } from '../wire/instance'
import type { Want } from '../wire/messages'
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

/** Maximum number of a peer's questions that are answered each second; more are dropped. Rule W71. */
const maxAskRate = 2
/** Upper bound of the interval between questions to a peer, in ms, which each failed proof doubles. Rule W71. */
const longestInterval = 30_000
/** Wait for an answer, in ms; after that it counts as a failed proof. */
const answerLimit = 10_000

/** Dependencies of ReceiptSigning. */
export interface ReceiptSigningOptions {
  /** The local instance, which signs. */
  readonly instance: Instance
  readonly log: DocumentLog
  readonly local: LocalState
  readonly remote: RemoteState
  readonly environment: Environment
  readonly keys: () => DocumentKeys
  readonly port: () => Port | null
  /** Called when a proof that counted does no longer. */
  readonly onChange: () => void
}

/** Exchanges signed receipts with one peer, and proofs of what they confirm. Rules W70, W71, W73. */
export class ReceiptSigning {
  private readonly options: ReceiptSigningOptions
  private readonly audit: Audit
  private readonly rate: RateLimit
  private proof: ReplicaProof | null = null
  private askedAt = Number.NEGATIVE_INFINITY
  /** Time of the last search for what is left to prove, which takes a while with many sessions. */
  private searchedAt = Number.NEGATIVE_INFINITY
  private failures = 0
  /** The question without an answer yet. */
  private pending: Question | null = null
  private readonly answering = new SerialQueue()

  constructor(options: ReceiptSigningOptions) {
    this.options = options
    this.audit = new Audit(options)
    this.rate = new RateLimit(options.environment.clock, maxAskRate)
  }

  /** Proof of the computer that the peer runs on; null before it has sent one. */
  get replica(): ReplicaProof | null {
    return this.proof
  }

  /** True if the peer proved what it claims of the local segments. Rule W73. */
  get isProven(): boolean {
    return this.audit.isPassed
  }

  /** Must be called when either side's state changed. */
  touch(): void {
    this.audit.touch()
  }

  /** Fails a pending question about segments that the peer requests: it could prove them only with the answer. */
  noteWant({ session, after }: Want): void {
    if (this.pending?.spots.some((spot) => spot.session === session && spot.tip > after)) this.fail()
  }

  /** Takes the replica proof of a peer with that instance key and role; ignores further ones. Throws MALFORMED. */
  takeProof(body: Uint8Array, instance: Uint8Array, role: Role): void {
    this.proof ??= readReplicaProof(body, this.options.keys(), instance, role)
  }

  /**
   * Asks for receipts of these sessions, `maxAsked` at most, each mapped to its signed tip, and for a proof of the
   * rest when one is due; not before `interval` ms have passed since the last question. Returns the ms after which there may be more to ask;
   * Infinity if something has to change first.
   */
  ask(sessions: ReadonlyMap<SessionId, number>, interval: number): number {
    const { clock, random } = this.options.environment
    const now = clock.now()
    const isLate = this.pending !== null && Math.abs(now - this.askedAt) >= answerLimit
    if (isLate) this.fail()
    if (sessions.size === 0 && !this.audit.mayBeDue(now)) return Number.POSITIVE_INFINITY
    const gap = Math.max(interval, Math.min(longestInterval, interval * 2 ** this.failures))
    // Never longer than the interval, also when the clock was set back.
    const since = sessions.size > 0 ? this.askedAt : Math.max(this.askedAt, this.searchedAt)
    const wait = Math.min(gap, since + gap - now)
    if (wait > 0) return wait
    if (this.pending) return interval
    this.searchedAt = now
    const asked = this.audit.spots(sessions, now)
    if (asked.spots.length === 0) return Number.POSITIVE_INFINITY
    this.askedAt = now
    this.pending = { nonce: random(32), ...asked }
    this.options.port()?.send('ask', encodeAsk(this.pending))
    return gap
  }

  /** Signs and proves what is durable here of the spots in a question. Throws MALFORMED. */
  takeQuestion(body: Uint8Array): void {
    const question = decodeAsk(body)
    if (!this.rate.pass()) return
    // Unreadable segments are not proven: they are reported to the user, not the peer.
    void this.answering.run(() => this.prove(question)).catch(() => undefined)
  }

  /**
   * Takes an answer from an instance with that public key. Resolves to its receipts if the proof is right; null if
   * it is wrong, or nothing was asked. Throws MALFORMED for an unsound receipt.
   */
  takeAnswer(body: Uint8Array, instance: Uint8Array): Promise<SignedReceipt[] | null> {
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
      return this.checkProof(question, { ...answer, receipts }, instance)
    this.fail()
    throw new SwarmpadError('MALFORMED', {
      why: 'a receipt that its sender did not sign, or for something else',
    })
  }

  private async checkProof(
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
    this.audit.recordProof(question.spots, spots, this.options.environment.clock.now())
    return receipts
  }

  private fail(): void {
    this.pending = null
    this.failures++
    this.audit.recordFailure()
    this.options.onChange()
  }

  private async prove({ nonce, signed, spots }: Question): Promise<void> {
    const { local, log, instance, environment } = this.options
    const at = environment.clock.now()
    const receipts: SignedReceipt[] = []
    const found = spots.map((spot, place) => {
      const extent = local.vector.get(spot.session)
      if (!extent) return { ...spot, tip: 0 }
      const { tip, mark } = extent
      if (place >= signed) return { ...spot, tip: Math.min(tip, spot.tip) }
      receipts.push(signReceipt(instance, { session: spot.session, tip, mark, at }))
      return { ...spot, tip }
    })
    const proof = await provePossession(log, {
      nonce,
      instance: instance.pair.publicKey,
      spots: found.filter(({ tip }) => tip > 0),
    })
    if (!proof) return
    const tips = found.map(({ tip }) => tip)
    const answer = { question: nonce.subarray(0, questionSize), proof, tips, receipts }
    this.options.port()?.send('signed', encodeSigned(answer))
  }
}
