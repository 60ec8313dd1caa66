import { vi } from 'vitest'

/** How long a test waits for a state that it gives no bound for, in ms. A bound for failures, not a pause. */
const patience = 120_000

const { waitFor } = vi
vi.waitFor = (check, options) =>
  waitFor(check, typeof options === 'number' ? options : { timeout: patience, ...options })
