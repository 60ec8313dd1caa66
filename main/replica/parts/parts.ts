import { partRoots } from '../genesis'
import { metaPart } from './meta-part'
import { notesPart } from './notes-part'
import type { KeyedRecord, Part } from './part'

/** The parts that a document carries beside its text. The gate admits operations of these, and of no others. */
export const parts = [notesPart, metaPart] as const

/** A part's name. */
export type PartName = (typeof parts)[number]['name']

/** Names a record among those of all parts. */
export interface RecordPlace {
  readonly part: PartName
  readonly key: string
}

/** A record with the part that it belongs to. */
export interface PartRecord extends KeyedRecord, RecordPlace {}

const byCounter: ReadonlyMap<number, Part> = new Map(parts.map((part) => [partRoots[part.root], part]))

/** Returns the part whose map an operation of the first change makes, by its counter. */
export const partOf = (counter: number): Part | undefined => byCounter.get(counter)
