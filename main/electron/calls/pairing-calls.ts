import type { PairingState } from '../../../preload/contract/pairing'
import { SwarmpadError } from '../../base/errors'
import type { OfferedPairing, PairingRun } from '../../pairing/pairing'
import type { Workspace } from '../../workspace/workspace'
import type { DesktopServices } from './desktop-services'
import type { PairingHandlers } from './handlers'

/** Pairs with another computer for the window: one pairing at a time, which lasts as long as its dialog. */
export class PairingController {
  private readonly onState: (state: PairingState) => void
  private run: PairingRun | null = null
  private offered: OfferedPairing | null = null
  private asking = false

  /** `onState` receives every state of the current pairing. */
  constructor(onState: (state: PairingState) => void) {
    this.onState = onState
  }

  /** Ends the current pairing, if there is one. */
  end(): void {
    const { run } = this
    this.run = null
    this.offered = null
    run?.end()
  }

  /** Returns the handlers of the window's calls. */
  handlers(workspace: Workspace, desktop: Pick<DesktopServices, 'copy' | 'askToAllow'>): PairingHandlers {
    return {
      offerPairing: () => {
        this.end()
        const offered = workspace.pairing.offer((state) => this.report(offered, state))
        this.offered = offered
        this.run = offered
        return { link: offered.link, until: offered.until }
      },
      copyPairingLink: () => {
        if (!this.offered) throw over()
        desktop.copy(this.offered.link)
        return null
      },
      joinPairing: (link) => {
        this.end()
        const run = workspace.pairing.join(link, (state) => this.report(run, state))
        this.run = run
        return null
      },
      agreePairing: async (code) => {
        const run = this.showing(code)
        if (run === this.offered) {
          if (!(await this.ask(() => desktop.askToAllow(code)))) return null
          // Another computer may be shown by now: the person allowed the one with these letters.
          if (this.showing(code) !== run) throw over()
        }
        run.agree()
        return null
      },
      endPairing: () => {
        this.end()
        return null
      },
    }
  }

  /** Returns the pairing if it shows `code`. Throws REQUEST_LATE if the code has changed since it was seen. */
  private showing(code: string): PairingRun {
    const { run } = this
    if (run?.state.phase !== 'comparing' || run.state.code !== code) throw over()
    return run
  }

  /** Asks one question at a time: a second one is answered with false. */
  private async ask(question: () => Promise<boolean>): Promise<boolean> {
    if (this.asking) return false
    this.asking = true
    try {
      return await question()
    } finally {
      this.asking = false
    }
  }

  /** Forwards the state of the current pairing; ignores ended ones. */
  private report(run: PairingRun, state: PairingState): void {
    if (run === this.run) this.onState(state)
  }
}

const over = (): SwarmpadError => new SwarmpadError('REQUEST_LATE', { of: 'pairing' })
