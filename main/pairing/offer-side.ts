import type { ErrorCode } from '../../preload/messages/codes'
import type { Timer } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { formatPairingLink } from '../keys/link'
import { pairingCode, pairingSecretSize } from '../keys/pairing'
import type { PairingChannel } from './pairing-channel'
import {
  checkEmpty,
  decodeNo,
  decodeNumber,
  encodeDocument,
  encodeEnd,
  encodeNo,
  encodePerson,
  invalid,
  maxPairedDocuments,
  type PairedDocument,
  type PairedPerson,
  type PairingMessage,
  type PairingNo,
} from './pairing-messages'
import { PairingSide, type PairingSideOptions } from './pairing-side'

/** Lifetime of a pairing link, in ms. Rule P1. */
export const pairingLife = 10 * 60 * 1000

/** Content transferred by pairing. */
export interface PairedContent {
  readonly person: PairedPerson
  readonly documents: readonly PairedDocument[]
}

/** Options of the offering side. */
export interface OfferSideOptions extends PairingSideOptions {
  /** Returns the content to send; called once the person allows the transfer. */
  readonly content: () => PairedContent
}

/**
 * The computer that shows the link. It sends no content to a computer before the person has compared the
 * letters and allowed that computer. It compares letters with one computer only: if that one disconnects
 * before it is allowed, the link becomes invalid, so that nobody can try other letters. Rules P1 to P7.
 */
export class OfferSide extends PairingSide {
  readonly link: string
  /** When the link ends, in ms since the Unix epoch. */
  readonly until: number
  private readonly options: OfferSideOptions
  private readonly life: Timer
  private documents = 0
  /** Refusal sent to computers that connect after the end; null until then. */
  private answer: PairingNo | null = null
  /** The computer that came with the link. */
  private guest: PairingChannel | null = null

  constructor(options: OfferSideOptions) {
    const { random, clock } = options
    super('offer', random(pairingSecretSize), options)
    this.options = options
    this.link = formatPairingLink(this.secret)
    this.until = clock.now() + pairingLife
    this.life = clock.set(pairingLife, () => this.expire())
  }

  /** Sends the content once the person has compared the letters. Throws PAIRING_IMPOSSIBLE if no computer waits. */
  agree(): void {
    const { guest, state } = this
    if (!guest || this.answer || state.phase !== 'comparing')
      throw new SwarmpadError('PAIRING_IMPOSSIBLE', { because: 'nothing-waits' })
    const { person, documents } = this.options.content()
    const sent = documents.slice(0, maxPairedDocuments)
    this.documents = sent.length
    this.become({ phase: 'bringing' })
    guest.port?.together(() => {
      guest.send('person', encodePerson(person))
      for (const document of sent) guest.send('document', encodeDocument(document))
      guest.send('end', encodeEnd(sent.length))
    })
  }

  /** The person says no, or wants no more of it. */
  stop(): void {
    this.options.clock.clear(this.life)
    if (this.answer) return
    this.answer = 'stopped'
    this.guest?.send('no', encodeNo('stopped'))
  }

  onProved(visit: PairingChannel): void {
    this.count(visit)
    if (this.answer) this.turnAway(visit, this.answer)
  }

  onOutdated(): void {
    if (this.state.phase === 'looking') this.fail('stopped', 'LINK_UNSUPPORTED', outdatedWords)
  }

  onMessage(visit: PairingChannel, type: PairingMessage, body: Uint8Array): void {
    const { phase } = this.state
    if (type === 'number') this.meet(visit, decodeNumber(body))
    else if (type === 'no') {
      const reason = decodeNo(body)
      if (reason === 'broken' && (phase === 'looking' || phase === 'comparing')) {
        this.fail('used', 'PAIRING_REFUSED', brokenThereWords)
        return
      }
      if (visit !== this.guest) return
      if (phase === 'comparing') this.fail('used', 'PAIRING_REFUSED', stoppedThereWords)
      else if (phase === 'bringing')
        this.fail('used', 'PAIRING_REFUSED', reason === 'failed' ? failedThereWords : stoppedThereWords)
    } else if (type === 'taken' && visit === this.guest && phase === 'bringing') {
      checkEmpty(body)
      this.options.clock.clear(this.life)
      this.answer = 'used'
      this.become({ phase: 'done', name: this.options.content().person.name, documents: this.documents })
    } else throw invalid()
  }

  onClose(visit: PairingChannel): void {
    if (visit !== this.guest) return
    this.guest = null
    // The same link with other letters would be one more guess for somebody between the two.
    if (this.state.phase === 'comparing') this.fail('used', 'CLOSED', goneWords)
    else if (this.state.phase === 'bringing') this.fail('used', 'CLOSED', lostWords)
  }

  /** A computer that proved itself asks to be compared. */
  private meet(visit: PairingChannel, joined: Uint8Array): void {
    if (visit === this.guest) throw invalid()
    if (this.answer || this.guest) {
      this.turnAway(visit, this.answer ?? 'used')
      return
    }
    this.guest = visit
    visit.send('reveal', visit.ownNumber)
    const numbers = { offered: visit.ownNumber, joined }
    const code = pairingCode(this.secret, visit.connection.handshakeHash, numbers)
    this.become({ phase: 'comparing', code, agreed: false, computers: this.computers })
  }

  private turnAway(visit: PairingChannel, reason: PairingNo): void {
    visit.send('no', encodeNo(reason))
    visit.close()
  }

  private expire(): void {
    const { phase } = this.state
    if (phase === 'looking' || phase === 'comparing') this.fail('expired', 'TIMEOUT', expiredWords)
  }

  private fail(answer: PairingNo, code: ErrorCode, message: string): void {
    this.options.clock.clear(this.life)
    this.answer = answer
    const { guest } = this
    this.guest = null
    if (guest) this.turnAway(guest, answer)
    this.become({ phase: 'failed', code, message })
  }
}

/** Message for computers with different versions of the program. */
export const outdatedWords =
  'The other computer has another version of Swarmpad. Update Swarmpad on both, then try again.'

const expiredWords = 'This link was valid for ten minutes, and nothing was sent. Show a new one to try again.'
const goneWords =
  'The other computer went away before it was allowed. Nothing was sent. A link is good for one comparison. Show a new link to try again.'
const brokenThereWords =
  'The other computer lost its connection before there were letters to compare. The network may have failed, or somebody who has the link is between the two. Nothing was sent. Show a new link, and take it to the other computer by a way you trust.'
const stoppedThereWords = 'It was stopped on the other computer. Show a new link to try again.'
const failedThereWords =
  'The other computer could not take everything over. See what it says, then show a new link to try again.'
const lostWords =
  'The connection was lost before the other computer said that it has everything. If it shows your documents, all is well; if not, show a new link and try again.'
