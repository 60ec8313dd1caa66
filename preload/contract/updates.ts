import * as v from 'valibot'

/** A batch of changes to a document's text, as @codemirror/collab counts them. */
export interface Update {
  /** The editor that made the change; changes of other peers have the id 'peer'. */
  clientID: string
  /** A CodeMirror ChangeSet as JSON. */
  changes: unknown
}

/** Most updates of one push; a window with more sends them in several. */
const maxUpdates = 10_000
/** Most text that one push inserts, in UTF-16 code units, and most parts that its changes have. */
const maxInserted = 16 * 1024 * 1024
const maxParts = 1_000_000

/** Names that the main process gives changes of its own. */
const reservedClients: ReadonlySet<unknown> = new Set(['peer', 'program'])

/** The updates of one push: bounded, from an editor of a window, each with changes of the right form. */
export const updates = v.pipe(
  v.custom<Update[]>(areUpdates),
  v.transform((all): Update[] => all.map(({ clientID, changes }) => ({ clientID, changes }))),
)

function areUpdates(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > maxUpdates) return false
  const budget = { inserted: maxInserted, parts: maxParts }
  // Array.from: `every` would pass over places that were left empty.
  return Array.from(value).every((update: unknown) => {
    if (typeof update !== 'object' || update === null) return false
    const { clientID, changes } = update as Record<string, unknown>
    return isClient(clientID) && isChangeSet(changes, budget)
  })
}

const isClient = (id: unknown): boolean =>
  typeof id === 'string' && /^[\w-]{1,64}$/.test(id) && !reservedClients.has(id)

/** A ChangeSet as JSON: lengths that are kept, or [deleted, ...inserted lines]. */
function isChangeSet(value: unknown, budget: { inserted: number; parts: number }): boolean {
  if (!Array.isArray(value) || value.length > budget.parts) return false
  budget.parts -= value.length
  return Array.from(value).every((part: unknown) => {
    if (!Array.isArray(part)) return isCount(part)
    if (part.length > maxParts) return false
    const [deleted, ...lines] = part as unknown[]
    return isCount(deleted) && lines.every((line) => isLine(line, budget))
  })
}

const isCount = (value: unknown): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

function isLine(value: unknown, budget: { inserted: number }): boolean {
  if (typeof value !== 'string') return false
  budget.inserted -= value.length + 1
  return budget.inserted >= 0
}
