/** Limits on announcing and looking up. Rules N20, N24. */
export interface TopicBudget {
  /** Topics that are announced all the time. */
  readonly kept: number
  /** Topics of the rest that are announced at a time, in turns. */
  readonly inTurn: number
  /** Packets a minute, sent and received. */
  readonly usual: number
  /** The same where otherwise a topic would not be looked up every 6 h. */
  readonly most: number
  /** Announces nothing that enough others announce. */
  readonly spares: boolean
}

/** Budget of a person's computer. */
export const personBudget: TopicBudget = { kept: 50, inTurn: 50, usual: 1_000, most: 2_200, spares: true }

/** Budget of a keeper, which announces all of its documents. */
export const keeperBudget: TopicBudget = {
  kept: Number.POSITIVE_INFINITY,
  inTurn: 1,
  usual: 12_000,
  most: 12_000,
  spares: false,
}

/** Others whose announcements make this side's superfluous. Rule N22. */
export const enoughOthers = 3

const minute = 60_000

/** Spans, in ms. Records of the DHT live for `record`; a failed task is tried again after about `again`. */
export const times = {
  record: 20 * minute,
  refresh: 18 * minute,
  again: minute,
  /** Span in which a turn of the rest takes place. */
  spread: 5 * minute,
  /** Shortest interval between turns of the rest; longer ones are this one doubled several times. */
  shortest: 45 * minute,
  /** Interval between lookups of a topic of the rest: at least, and at most where the budget allows it. */
  look: { least: 30 * minute, most: 360 * minute },
} as const

/**
 * Delays of the lookups after a topic was joined or opened, or lost its last peer, in ms: a short one, since two
 * peers that join at the same time can miss each other, then longer ones, since peers that could not be dialled a
 * few times are forgotten.
 */
export const lookUpDelays = [
  { least: 2_000, most: 5_000 },
  { least: 20_000, most: 60_000 },
  { least: 90_000, most: 240_000 },
] as const
