import { ChangeSet } from '@codemirror/state'

/** Change sets cannot be changed, so the JSON of each stays true. */
const known = new WeakMap<ChangeSet, unknown>()

/**
 * Returns a change set as JSON. Windows, the replica and the journal share one serialised form: each change set
 * is serialised once, however many receive it. Receivers must not modify it.
 */
export function changesToJson(changes: ChangeSet): unknown {
  const json = known.get(changes) ?? changes.toJSON()
  known.set(changes, json)
  return json
}

/** Parses JSON that `changesToJson` made, and keeps it as the serialised form. Throws a RangeError for other data. */
export function changesFromJson(json: unknown): ChangeSet {
  const changes = ChangeSet.fromJSON(json)
  known.set(changes, json)
  return changes
}
