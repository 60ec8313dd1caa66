import type { PairingState } from '../../../preload/contract/pairing'
import type { Api } from '../../api'

/** Pairing with another computer of the same person, as the window shows it. */
export class Pairing {
  /** Null while nothing goes on. */
  state = $state.raw<PairingState | null>(null)
  /** The link that this computer shows, and when it ends, in ms since the epoch; null on the other side. */
  link = $state.raw<{ link: string; until: number } | null>(null)
  /** The dialog in which a link of another computer is pasted is open. */
  joining = $state(false)

  private readonly api: Api

  constructor(api: Api) {
    this.api = api
  }

  /** Listens from then on; the result stops listening. */
  start(): () => void {
    return this.api.on('pairing', (state) => {
      if (this.state) this.state = state
    })
  }

  /** Requests a new link; on failure the state holds the reason. */
  async offer(): Promise<void> {
    this.link = null
    this.state = { phase: 'looking', computers: 0 }
    const outcome = await this.api.call('offerPairing')
    if (outcome.ok) this.link = outcome.value
    else this.state = { phase: 'failed', code: outcome.code, message: outcome.message }
  }

  /** Puts the link on the clipboard; returns what went wrong, or null. */
  async copyLink(): Promise<string | null> {
    const outcome = await this.api.call('copyPairingLink')
    return outcome.ok ? null : outcome.message
  }

  /** Joins by a pasted link; returns what is wrong with it, or null. */
  async join(link: string): Promise<string | null> {
    // Before the answer, so that no step is missed.
    this.state = { phase: 'looking', computers: 0 }
    const outcome = await this.api.call('joinPairing', link.trim())
    if (outcome.ok) return null
    this.state = null
    return outcome.message
  }

  /** Confirms that both computers show the same letters. */
  async agree(code: string): Promise<void> {
    const outcome = await this.api.call('agreePairing', code)
    // The pairing may have ended by then, with its own event.
    if (!outcome.ok && this.state?.phase === 'comparing')
      this.state = { phase: 'failed', code: outcome.code, message: outcome.message }
  }

  /** Ends or declines the pairing. */
  end(): void {
    if (this.state) void this.api.call('endPairing')
    this.state = null
    this.link = null
  }

  /** Closes the dialog in which a link is pasted. */
  leave(): void {
    this.end()
    this.joining = false
  }
}

/** Warning on the computer that shows the link if several computers used it; null without need. */
export const severalCameWords = (computers: number): string | null =>
  computers > 1
    ? `${countComputers(computers)} have come with this link. If you did not paste it on as many, somebody else has it: allow none of them, and show a new link.`
    : null

/** Warning on the other computer if several answer its link; null without need. */
export const severalAnswerWords = (computers: number): string | null =>
  computers > 1
    ? `${countComputers(computers)} answer to this link, and only one can be yours. Somebody else has the link: stop, and show a new one.`
    : null

/** 99 stands for more, too. */
const countComputers = (count: number): string => `${count < 99 ? count : '99 or more'} computers`

/** Message on the computer that showed the link, once the other one has everything. */
export const broughtWords = (documents: number): string =>
  documents === 0
    ? 'You write on the other computer too now. What you add on one of them comes to the other while both are online.'
    : `You write on the other computer too now, with ${countDocuments(documents)}. The text follows by itself while both are online, and so does what you add on either.`

/** Message on the computer that joined. */
export const cameWords = (name: string, documents: number): string =>
  documents === 0
    ? `You write here as ${name} now. There were no documents to bring along.`
    : `You write here as ${name} now, with ${countDocuments(documents)}. The text follows while the other computer is online, or someone else who has it.`

const countDocuments = (count: number): string => (count === 1 ? 'one document' : `${count} documents`)
