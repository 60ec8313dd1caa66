import type { Group } from '../group'
import type { Value } from '../results'
import type { Aim } from '../statistics'

/** Gets a number that was measured. */
export type Report = (value: Value) => void

/** Something to measure, at several sizes or counts. */
export interface Case {
  readonly name: string
  /** Sizes or counts to measure at, in the long form and the quick one. */
  readonly points: readonly number[]
  readonly quickPoints: readonly number[]
  /** A point in words. */
  readonly words: (point: number) => string
  /** Systems for which it can be measured; all that merge, if not said. */
  readonly systems?: readonly string[]
  /** Nodes of the DHT; 4 if not said. */
  readonly nodes?: number
  /** Aims for Swarmpad, by the name of the number. */
  readonly aims?: (point: number) => Readonly<Record<string, Aim>>
  readonly measure: (group: Group, point: number, report: Report, quick: boolean) => Promise<void>
}

/** A size of text in words. `size`: UTF-16 code units, which are bytes in these texts. */
export const sizeWords = (size: number): string =>
  size >= 1_000_000 ? `${size / 1_000_000} MB` : `${size / 1_000} kB`

/** A number of keys in words. */
export const keysWords = (keys: number): string => `${keys.toLocaleString('en')} keys`
