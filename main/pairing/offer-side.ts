import { type OfferFailure, offerFailureWords } from '../../preload/messages/pairing'
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
  /** The computer whose letters are compared. */
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

  /** Refuses the guest, and every computer that connects later. Idempotent. */
  stop(): void {
    this.options.clock.clear(this.life)
    if (this.answer) return
    this.answer = 'stopped'
    this.guest?.send('no', encodeNo('stopped'))
  }

  onProved(channel: PairingChannel): void {
    this.count(channel)
    if (this.answer) this.refuse(channel, this.answer)
  }

  onOutdated(): void {
    if (this.state.phase === 'looking') this.fail('stopped', 'outdated')
  }

  onMessage(channel: PairingChannel, type: PairingMessage, body: Uint8Array): void {
    if (type === 'number') this.compare(channel, decodeNumber(body))
    else if (type === 'no') this.refused(channel, decodeNo(body))
    else if (type === 'taken' && channel === this.guest && this.state.phase === 'bringing') {
      checkEmpty(body)
      this.options.clock.clear(this.life)
      this.answer = 'used'
      this.become({ phase: 'done', name: this.options.content().person.name, documents: this.documents })
    } else throw invalid()
  }

  onClose(channel: PairingChannel): void {
    if (channel !== this.guest) return
    this.guest = null
    // The same link with other letters would be one more guess for somebody between the two.
    if (this.state.phase === 'comparing') this.fail('used', 'gone')
    else if (this.state.phase === 'bringing') this.fail('used', 'lost')
  }

  private refused(channel: PairingChannel, reason: PairingNo): void {
    const { phase } = this.state
    // Rule P7: the number of any computer that has the link may have been intercepted.
    if (reason === 'broken' && (phase === 'looking' || phase === 'comparing')) this.fail('used', 'broken')
    else if (channel === this.guest && (phase === 'comparing' || phase === 'bringing'))
      this.fail('used', phase === 'bringing' && reason === 'failed' ? 'failed' : 'stopped')
  }

  /** Compares letters with a computer that proved itself and sent its number. */
  private compare(channel: PairingChannel, joined: Uint8Array): void {
    if (channel === this.guest) throw invalid()
    if (this.answer || this.guest) {
      this.refuse(channel, this.answer ?? 'used')
      return
    }
    this.guest = channel
    channel.send('reveal', channel.ownNumber)
    const numbers = { offered: channel.ownNumber, joined }
    const code = pairingCode(this.secret, channel.connection.handshakeHash, numbers)
    this.become({ phase: 'comparing', code, agreed: false, computers: this.computers })
  }

  private refuse(channel: PairingChannel, reason: PairingNo): void {
    channel.send('no', encodeNo(reason))
    channel.close()
  }

  private expire(): void {
    const { phase } = this.state
    if (phase === 'looking' || phase === 'comparing') this.fail('expired', 'expired')
  }

  private fail(answer: PairingNo, failure: OfferFailure): void {
    this.options.clock.clear(this.life)
    this.answer = answer
    const { guest } = this
    this.guest = null
    if (guest) this.refuse(guest, answer)
    this.become({ phase: 'failed', ...offerFailureWords(failure) })
  }
}
