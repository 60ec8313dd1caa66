import type { ErrorCode } from './codes'

/** Code and message of a pairing that failed, as the window gets them. */
export interface PairingFailureWords {
  readonly code: ErrorCode
  readonly message: string
}

const unanswered =
  'The connection ended before there were letters to compare. The network may have failed, or somebody who has the link is between the two computers. Nothing was changed here. Show a new link on the other computer, and bring it here by a way you trust.'

/** Failures on either side. */
const common = {
  outdated: {
    code: 'LINK_UNSUPPORTED',
    message: 'The other computer has another version of Swarmpad. Update Swarmpad on both, then try again.',
  },
} as const

/** Failures on the computer that shows the link. */
const offering = {
  ...common,
  expired: {
    code: 'TIMEOUT',
    message: 'This link was valid for ten minutes, and nothing was sent. Show a new one to try again.',
  },
  gone: {
    code: 'CLOSED',
    message:
      'The other computer went away before it was allowed. Nothing was sent. A link is good for one comparison. Show a new link to try again.',
  },
  broken: {
    code: 'PAIRING_REFUSED',
    message:
      'The other computer lost its connection before there were letters to compare. The network may have failed, or somebody who has the link is between the two. Nothing was sent. Show a new link, and take it to the other computer by a way you trust.',
  },
  stopped: {
    code: 'PAIRING_REFUSED',
    message: 'It was stopped on the other computer. Show a new link to try again.',
  },
  failed: {
    code: 'PAIRING_REFUSED',
    message:
      'The other computer could not take everything over. See what it says, then show a new link to try again.',
  },
  lost: {
    code: 'CLOSED',
    message:
      'The connection was lost before the other computer said that it has everything. If it shows your documents, all is well; if not, show a new link and try again.',
  },
} as const

/** Failures on the computer where the link is pasted. */
const joining = {
  ...common,
  unanswered: { code: 'CLOSED', message: unanswered },
  gone: {
    code: 'CLOSED',
    message: 'The other computer went away. Nothing was changed here. Show a new link there.',
  },
  lost: {
    code: 'CLOSED',
    message:
      'The connection was lost half-way. Nothing was changed here. Show a new link on the other computer and try again.',
  },
  'not-stored': {
    code: 'STORE_WRITE_FAILED',
    message: 'This computer could not take everything over. Try again.',
  },
  stopped: {
    code: 'PAIRING_REFUSED',
    message: 'The other computer said no, or was told to stop. Nothing was changed here.',
  },
  used: {
    code: 'PAIRING_REFUSED',
    message:
      'Another computer came with this link first, or it was used already. If you know nothing of that, choose “Refuse” on the computer that shows the link. Then show a new one there. Nothing was changed here.',
  },
  expired: {
    code: 'TIMEOUT',
    message: 'This link is no longer valid. Show a new one on the other computer. Nothing was changed here.',
  },
  failed: {
    code: 'PAIRING_REFUSED',
    message:
      'The other computer could not send everything. Show a new link there and try again. Nothing was changed here.',
  },
  broken: { code: 'PAIRING_REFUSED', message: unanswered },
} as const

/** Reason why pairing failed on the computer that shows the link. */
export type OfferFailure = keyof typeof offering

/** Reason why pairing failed on the computer where the link is pasted. */
export type JoinFailure = keyof typeof joining

/** Returns the code and message of a failure on the computer that shows the link. */
export const offerFailureWords = (failure: OfferFailure): PairingFailureWords => offering[failure]

/** Returns the code and message of a failure on the computer where the link is pasted. */
export const joinFailureWords = (failure: JoinFailure): PairingFailureWords => joining[failure]
