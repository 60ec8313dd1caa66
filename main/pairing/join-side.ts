import type { ErrorCode } from '../../preload/messages/codes'
import { errorWords } from '../../preload/messages/errors'
import type { Timer } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { parsePairingLink } from '../keys/link'
import { pairingCode } from '../keys/pairing'
import { outdatedWords, type PairedContent } from './offer-side'
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
export const settleTime = 2_000
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
  private readonly hosts = new Set<PairingChannel>()
  /** The computer being compared with this one. */
  private host: PairingChannel | null = null
  /** True once this side's number was sent to it. */
  private isAsked = false
  /** True if the number was sent without an answer. */
  private isBroken = false
  /** Until the number is said, then until its answer is late. */
  private waiting: Timer | null = null
  private received: Received | null = null
  private isWhole = false

  /** Throws LINK_… codes. */
  constructor(options: JoinSideOptions) {
    super('join', parsePairingLink(options.link), options)
    this.options = options
  }

  /** The person has compared the letters. Throws PAIRING_IMPOSSIBLE when there are none. */
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

  onProved(visit: PairingChannel): void {
    this.count(visit)
    this.hosts.add(visit)
    if (this.isBroken) visit.send('no', encodeNo('broken'))
    else this.ask()
  }

  onOutdated(): void {
    if (this.state.phase === 'looking') this.fail('LINK_UNSUPPORTED', outdatedWords)
  }

  onMessage(visit: PairingChannel, type: PairingMessage, body: Uint8Array): void {
    if (type === 'no') {
      this.refused(visit, decodeNo(body))
      return
    }
    if (visit !== this.host || this.isWhole) throw invalid()
    if (type === 'reveal') this.compare(visit, decodeNumber(body))
    else if (type === 'person') {
      if (this.state.phase !== 'comparing' || this.received) throw invalid()
      this.received = { person: decodePerson(body), documents: new Map() }
    } else if (type === 'document') this.receive(decodeDocument(body))
    else if (type === 'end') {
      if (this.received?.documents.size !== decodeEnd(body)) throw invalid()
      this.isWhole = true
      this.takeWhenReady()
    } else throw invalid()
  }

  onClose(visit: PairingChannel): void {
    this.hosts.delete(visit)
    if (visit !== this.host) return
    this.host = null
    this.endWait()
    // Letters that were shown are never followed by those of another, who might be agreed to in its place.
    if (this.state.phase === 'comparing') this.fail('CLOSED', this.received ? lostWords : goneWords)
    else if (this.isAsked) this.breakOff()
    else this.ask()
  }

  /** Asks one of those that proved themselves to be compared, once its connection has lasted for a moment. */
  private ask(): void {
    const [host] = this.hosts
    if (this.host || !host || this.state.phase !== 'looking') return
    this.host = host
    this.wait(settleTime, () => {
      this.isAsked = true
      host.send('number', host.ownNumber)
      this.wait(answerTime, () => host.close())
    })
  }

  /** The number was said, and no letters came of it: a second one would be a second guess. Rule P7. */
  private breakOff(): void {
    if (this.state.phase !== 'looking') return
    this.isBroken = true
    for (const visit of this.hosts) visit.send('no', encodeNo('broken'))
    this.fail('CLOSED', brokenWords)
  }

  private wait(delay: number, run: () => void): void {
    this.endWait()
    this.waiting = this.options.clock.set(delay, run)
  }

  private endWait(): void {
    if (this.waiting) this.options.clock.clear(this.waiting)
    this.waiting = null
  }

  private compare(visit: PairingChannel, offered: Uint8Array): void {
    if (this.state.phase !== 'looking' || !this.isAsked || !visit.isBoundTo(offered)) throw invalid()
    this.endWait()
    const numbers = { offered, joined: visit.ownNumber }
    const code = pairingCode(this.secret, visit.connection.handshakeHash, numbers)
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
    if (!this.isWhole || !received || state.phase !== 'comparing' || !state.agreed) return
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
        if (error instanceof SwarmpadError) this.fail(error.code, errorWords(error))
        else this.fail('STORE_WRITE_FAILED', 'This computer could not take everything over. Try again.')
      },
    )
  }

  private refused(visit: PairingChannel, reason: PairingNo): void {
    const { phase } = this.state
    // Once all is here, the other side has no more say in it.
    if ((phase !== 'looking' && phase !== 'comparing') || (this.host && visit !== this.host)) return
    this.fail(reason === 'expired' ? 'TIMEOUT' : 'PAIRING_REFUSED', refusedWords[reason])
  }

  private fail(code: ErrorCode, message: string): void {
    this.endWait()
    this.received = null
    this.become({ phase: 'failed', code, message })
  }
}

const brokenWords =
  'The connection ended before there were letters to compare. The network may have failed, or somebody who has the link is between the two computers. Nothing was changed here. Show a new link on the other computer, and bring it here by a way you trust.'

const refusedWords: Readonly<Record<PairingNo, string>> = {
  stopped: 'The other computer said no, or was told to stop. Nothing was changed here.',
  used: 'Another computer came with this link first, or it was used already. If you know nothing of that, choose “Refuse” on the computer that shows the link. Then show a new one there. Nothing was changed here.',
  expired: 'This link is no longer valid. Show a new one on the other computer. Nothing was changed here.',
  failed:
    'The other computer could not send everything. Show a new link there and try again. Nothing was changed here.',
  broken: brokenWords,
}

const goneWords = 'The other computer went away. Nothing was changed here. Show a new link there.'
const lostWords =
  'The connection was lost half-way. Nothing was changed here. Show a new link on the other computer and try again.'
