import { errorWords } from '../../preload/messages/errors'
import { type JoinFailure, joinFailureWords } from '../../preload/messages/pairing'
import type { Timer } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { parsePairingLink } from '../keys/link'
import { pairingCode } from '../keys/pairing'
import type { PairedContent } from './offer-side'
import type { PairingChannel } from './pairing-channel'
import {
  decodeDocument,
  decodeEnd,
  decodeNo,
  decodeNumber,
  decodePerson,
  encodeNo,
  invalid,
  maxPairedDocuments,
  type PairedDocument,
  type PairedPerson,
  type PairingMessage,
  type PairingNo,
} from './pairing-messages'
import { PairingSide, type PairingSideOptions } from './pairing-side'

/** Minimum age of a connection before the number is sent, in ms: of two crossing ones, one is dropped. */
const crossingTime = 2_000
/** Timeout of the answer to a number, in ms. Rule P7. */
export const answerTime = 30_000

/** Options of the joining side. */
export interface JoinSideOptions extends PairingSideOptions {
  /** The link as it was pasted. */
  readonly link: string
  /** Stores the received content; durable when it resolves. */
  readonly take: (content: PairedContent) => Promise<void>
}

interface Received {
  readonly person: PairedPerson
  readonly documents: Map<string, PairedDocument>
}

/**
 * The computer where the link is pasted. It stores all the content it receives or none, and only after the
 * person has confirmed here too that the letters match. It sends one number, to one computer: the recipient
 * can compute the letters before they are shown, and could otherwise retry until they match. Rules P1 to P7.
 */
export class JoinSide extends PairingSide {
  private readonly options: JoinSideOptions
  /** Connected computers that proved that they have the link. */
  private readonly hosts = new Set<PairingChannel>()
  /** The computer being compared with this one. */
  private host: PairingChannel | null = null
  /** True once this side's number was sent to `host`. */
  private isAsked = false
  /** True if the number was sent and never answered: no other number may be sent. Rule P7. */
  private isBroken = false
  /** Runs until the number is sent, then until its answer is late. */
  private timer: Timer | null = null
  private received: Received | null = null
  /** True once all the content has arrived. */
  private isComplete = false

  /** Throws LINK_… codes. */
  constructor(options: JoinSideOptions) {
    super('join', parsePairingLink(options.link), options)
    this.options = options
  }

  /** Notes that the person has confirmed the letters. Throws PAIRING_IMPOSSIBLE when there are none. */
  agree(): void {
    const { state } = this
    if (state.phase !== 'comparing')
      throw new SwarmpadError('PAIRING_IMPOSSIBLE', { because: 'nothing-waits' })
    this.become({ ...state, agreed: true })
    this.takeWhenReady()
  }

  /** Stops on the person's request. Content that is already being stored is kept. */
  stop(): void {
    this.endWait()
    if (this.state.phase === 'looking' || this.state.phase === 'comparing')
      this.host?.send('no', encodeNo('stopped'))
  }

  onProved(channel: PairingChannel): void {
    this.count(channel)
    this.hosts.add(channel)
    if (this.isBroken) channel.send('no', encodeNo('broken'))
    else this.ask()
  }

  onOutdated(): void {
    if (this.state.phase === 'looking') this.fail('outdated')
  }

  onMessage(channel: PairingChannel, type: PairingMessage, body: Uint8Array): void {
    if (type === 'no') {
      this.refused(channel, decodeNo(body))
      return
    }
    if (channel !== this.host || this.isComplete) throw invalid()
    if (type === 'reveal') this.compare(channel, decodeNumber(body))
    else if (type === 'person') {
      if (this.state.phase !== 'comparing' || this.received) throw invalid()
      this.received = { person: decodePerson(body), documents: new Map() }
    } else if (type === 'document') this.receive(decodeDocument(body))
    else if (type === 'end') {
      if (this.received?.documents.size !== decodeEnd(body)) throw invalid()
      this.isComplete = true
      this.takeWhenReady()
    } else throw invalid()
  }

  onClose(channel: PairingChannel): void {
    this.hosts.delete(channel)
    if (channel !== this.host) return
    this.host = null
    this.endWait()
    // Shown letters are never replaced by another computer's: the person might agree to those by mistake.
    if (this.state.phase === 'comparing') this.fail(this.received ? 'lost' : 'gone')
    else if (this.isAsked) this.breakOff()
    else this.ask()
  }

  /** Sends the number to one of the hosts, once its connection is 2 s old. */
  private ask(): void {
    const [host] = this.hosts
    if (this.host || !host || this.state.phase !== 'looking') return
    this.host = host
    this.wait(crossingTime, () => {
      this.isAsked = true
      host.send('number', host.ownNumber)
      this.wait(answerTime, () => host.close())
    })
  }

  /** Ends the pairing after an unanswered number: a second number would be a second guess. Rule P7. */
  private breakOff(): void {
    if (this.state.phase !== 'looking') return
    this.isBroken = true
    for (const channel of this.hosts) channel.send('no', encodeNo('broken'))
    this.fail('unanswered')
  }

  private wait(delay: number, run: () => void): void {
    this.endWait()
    this.timer = this.options.clock.set(delay, run)
  }

  private endWait(): void {
    if (this.timer) this.options.clock.clear(this.timer)
    this.timer = null
  }

  private compare(channel: PairingChannel, offered: Uint8Array): void {
    if (this.state.phase !== 'looking' || !this.isAsked || !channel.isBoundTo(offered)) throw invalid()
    this.endWait()
    const numbers = { offered, joined: channel.ownNumber }
    const code = pairingCode(this.secret, channel.connection.handshakeHash, numbers)
    this.become({ phase: 'comparing', code, agreed: false, computers: this.computers })
  }

  private receive(document: PairedDocument): void {
    const { received } = this
    const id = hex(document.keys.documentId)
    if (!received || received.documents.has(id) || received.documents.size >= maxPairedDocuments)
      throw invalid()
    received.documents.set(id, document)
  }

  private takeWhenReady(): void {
    const { state, received, host } = this
    if (!this.isComplete || !received || state.phase !== 'comparing' || !state.agreed) return
    this.become({ phase: 'bringing' })
    const { person } = received
    const documents = [...received.documents.values()]
    this.options.take({ person, documents }).then(
      () => {
        host?.send('taken')
        this.become({ phase: 'done', name: person.name, documents: documents.length })
      },
      (error) => {
        host?.send('no', encodeNo('failed'))
        this.fail(error instanceof SwarmpadError ? error : 'not-stored')
      },
    )
  }

  private refused(channel: PairingChannel, reason: PairingNo): void {
    const { phase } = this.state
    // After the content has arrived the other side can no longer stop it.
    if ((phase !== 'looking' && phase !== 'comparing') || (this.host && channel !== this.host)) return
    this.fail(reason)
  }

  private fail(cause: JoinFailure | SwarmpadError): void {
    this.endWait()
    this.received = null
    const words =
      cause instanceof SwarmpadError
        ? { code: cause.code, message: errorWords(cause) }
        : joinFailureWords(cause)
    this.become({ phase: 'failed', ...words })
  }
}
