/** Bounds that every peer holds to; what passes them is refused. docs/protocol.md, rules S6, C5 and T1. */

/** Bytes of a whole encoded segment. */
export const maxSegmentSize = 128 * 1024

/** Bytes of a segment's content, inflated. */
export const maxContentSize = 1024 * 1024

/** Changes in one segment. */
export const maxSegmentChanges = 1_000

/** The highest sequence number of a session. */
export const maxSeq = 0xffff_ffff

/** A segment's plain text is padded to a multiple of this many bytes. */
export const paddingSize = 64

/** Bytes of a whole snapshot. Rule T1. */
export const maxSnapshotSize = 32 * 1024 * 1024

/** Bytes of the document inside a snapshot, inflated. */
export const maxSnapshotContentSize = 64 * 1024 * 1024

/** Sessions in one snapshot. */
export const maxSnapshotSessions = 20_000

/** Bytes of each part that a snapshot is stored and sent in; the last may be shorter. Rule T6. */
export const snapshotPartSize = 128 * 1024
