import { call, event, linkText, text } from './shapes'

/**
 * State of pairing with another of the person's computers, on either side. `computers`: how many others have
 * proved so far that they have the link, 99 at most. More than one is a sign that somebody else has it.
 */
export type PairingState =
  /** The other computer has not connected yet. */
  | { phase: 'looking'; computers: number }
  /** Both show the same letters if they are the intended pair. `agreed`: the person confirmed this here. */
  | { phase: 'comparing'; code: string; agreed: boolean; computers: number }
  /** The content is being sent to the joining computer, or is being stored there. */
  | { phase: 'bringing' }
  /** Name of the transferred person, and number of their documents. */
  | { phase: 'done'; name: string; documents: number }
  /** Pairing failed; `message` gives the reason in plain words. */
  | { phase: 'failed'; code: string; message: string }

/** Calls about pairing. */
export const pairingCalls = {
  /**
   * Makes a link that transfers this person to another of their computers, valid until `until` or
   * `endPairing`; 'pairing' events follow. Ends an earlier pairing.
   */
  offerPairing: call().returns<{ link: string; until: number }>(),
  /** Puts that link on the clipboard. */
  copyPairingLink: call().returns<null>(),
  /** Joins by a link that another computer shows; requires a new profile. 'pairing' events follow. */
  joinPairing: call(linkText).returns<null>(),
  /**
   * Confirms that both computers show these letters; REQUEST_LATE if they are not the ones being compared now.
   * On the computer that shows the link, a native dialog asks once more.
   */
  agreePairing: call(text).returns<null>(),
  /** Ends the current pairing: the person declines, or is done. */
  endPairing: call().returns<null>(),
}

/** Events about pairing. */
export const pairingEvents = {
  /** The new state of the current pairing. */
  pairing: event<PairingState>(),
}
