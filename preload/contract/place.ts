import * as v from 'valibot'
import { call, count, documentId } from './shapes'

/** Maximum number of folded parts that a place keeps. */
export const maxFolds = 500

/** Distance in px from the upper edge of the text's window; negative above it. */
const distance = v.pipe(v.number(), v.finite(), v.minValue(-10_000_000), v.maxValue(10_000_000))

/** Where a person was in a document, as `setPlace` takes it and as it is stored. */
export const placeShape = v.object({
  /** The main selection; `head` is the caret. */
  anchor: count,
  head: count,
  /** An offset in the first line in sight, and its distance from the upper edge, in px. */
  top: v.object({ offset: count, distance }),
  /** The folded parts. */
  folds: v.pipe(v.array(v.strictTuple([count, count])), v.maxLength(maxFolds)),
})

/** Where a person was in a document. Offsets are UTF-16 code units of its text. */
export type Place = v.InferOutput<typeof placeShape>

/** Calls about where a person was. */
export const placeCalls = {
  /** Returns the place in a document; null if it was never noted. */
  place: call(documentId).returns<Place | null>(),
  /** Notes the place in a document. It is written to the disk some seconds later. */
  setPlace: call(documentId, placeShape).returns<null>(),
}
