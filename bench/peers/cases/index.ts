import type { Case } from './case'
import { latency } from './latency'
import { paste } from './paste'
import { writers } from './writers'

/** All cases, in the order in which they run. */
export const cases: readonly Case[] = [paste, writers, latency]
