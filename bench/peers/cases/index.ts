import type { Case } from './case'
import { disk } from './disk'
import { documents } from './documents'
import { idle } from './idle'
import { latency } from './latency'
import { newcomer } from './newcomer'
import { offline } from './offline'
import { opening } from './opening'
import { paste } from './paste'
import { window } from './window'
import { writers } from './writers'

/** All cases, in the order in which they run. */
export const cases: readonly Case[] = [
  paste,
  writers,
  latency,
  newcomer,
  opening,
  offline,
  idle,
  disk,
  documents,
  window,
]
