import type { WindowCommandId } from '../commands'
import { event } from './shapes'

/** Something to tell a person. */
export interface Notice {
  readonly message: string
  /** Reports a loss; stays until dismissed. */
  readonly stays: boolean
}

/** Events of the program. */
export const programEvents = {
  /** Something to tell in plain words, not tied to a document. */
  notice: event<Notice>(),
  /** A command from the menu. */
  command: event<{ command: WindowCommandId }>(),
}
