import type { Protection } from '../../../preload/contract/protection'
import type { Api } from '../../api'

/** Why a passphrase was not set, in plain words; `isWrong`: the one that is set now is another. */
export interface Refusal {
  readonly message: string
  readonly isWrong: boolean
}

/** How what this computer holds is protected, and whether it waits for its passphrase. */
export class ProtectionState {
  locked = $state(false)
  /** Null until it is known. */
  current = $state.raw<Protection | null>(null)

  private readonly api: Api

  constructor(api: Api) {
    this.api = api
  }

  /** Asks how it stands, and listens from then on; the result stops listening. */
  start(): () => void {
    let heard = false
    const stops = [
      this.api.on('lock', ({ locked }) => {
        heard = true
        this.locked = locked
      }),
      this.api.on('protection', (protection) => {
        this.current = protection
      }),
    ]
    void this.api.call('lock').then((outcome) => {
      // An event received before the answer is newer than the answer.
      if (outcome.ok && !heard) this.locked = outcome.value.locked
    })
    void this.read()
    return () => stops.forEach((stop) => void stop())
  }

  /** Tries a passphrase; returns what is wrong, or null. */
  async unlock(passphrase: string): Promise<string | null> {
    const outcome = await this.api.call('unlock', passphrase)
    return outcome.ok ? null : outcome.message
  }

  /** Sets, changes or (`next` null) removes the passphrase; returns what is wrong, or null. */
  async setPassphrase(current: string | null, next: string | null): Promise<Refusal | null> {
    const outcome = await this.api.call('setPassphrase', current, next)
    if (!outcome.ok) return { message: outcome.message, isWrong: outcome.code === 'PASSPHRASE_WRONG' }
    this.current = outcome.value
    return null
  }

  /** Notes that no passphrase is wanted. */
  async decline(): Promise<void> {
    if (this.current) this.current = { ...this.current, offer: false }
    const outcome = await this.api.call('declinePassphrase')
    if (outcome.ok) this.current = outcome.value
  }

  /** Answered once the profile is open. */
  private async read(): Promise<void> {
    const outcome = await this.api.call('protection')
    if (outcome.ok) this.current = outcome.value
  }
}
