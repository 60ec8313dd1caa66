import type { ChangeSet } from '@codemirror/state'
import { followOffset } from '../../preload/text/follow-offset'
import { sameBytes } from '../keys/bytes'
import type { AskedCaret, FoundCaret } from '../replica/replica-protocol'

/** A caret as its owner's replica named it; `key` identifies the owner. */
export interface NamedCaret {
  readonly key: string
  readonly caret: Uint8Array
}

/** A caret in the newest text; `anchor` is the other end of a selection. Offsets are UTF-16 code units. */
export interface PlacedCaret {
  readonly key: string
  readonly anchor: number
  readonly head: number
}

/** An end of a selection: a loose one has lost the character that it goes with. */
interface End {
  readonly offset: number
  readonly isLoose: boolean
}

interface Known {
  /** Names the caret to the replica, which is asked again under another number for another caret. */
  readonly id: number
  readonly caret: Uint8Array
  /** 'asked' until the replica answers; 'missing' if the text does not have the named characters. */
  state: 'asked' | 'placed' | 'missing'
  /** Null while no place is known. */
  place: { readonly anchor: End; readonly head: End } | null
  /** True once the place is that of this caret, and not of the one that its owner had before. */
  isFound: boolean
}

/**
 * Other people's carets in the text of an open document. Invariants:
 *
 * 1. A caret with a place follows each change of the text. The replica is asked only for a caret that is new, for one
 *    that is missing when other text has arrived, and for a loose one where text is inserted.
 * 2. For each caret, at most one question is open.
 * 3. A new name replaces the place of the last one when the replica has answered.
 */
export class RemoteCarets {
  private readonly find: (carets: AskedCaret[]) => void
  private readonly onMoved: () => void
  private readonly known = new Map<string, Known>()
  private lastId = 0

  /** `find` asks the replica; `onMoved` is called when a place changed otherwise than with the text. */
  constructor(options: { find: (carets: AskedCaret[]) => void; onMoved: () => void }) {
    this.find = options.find
    this.onMoved = options.onMoved
  }

  /** The carets that have a place. */
  get list(): PlacedCaret[] {
    return [...this.known].flatMap(([key, { place }]) =>
      place ? [{ key, anchor: place.anchor.offset, head: place.head.offset }] : [],
    )
  }

  /** Sets the carets that exist now. */
  set(carets: readonly NamedCaret[]): void {
    const keys = new Set(carets.map(({ key }) => key))
    const gone = [...this.known].filter(([key]) => !keys.has(key))
    for (const [key] of gone) this.known.delete(key)
    const renamed = carets.flatMap(({ key, caret }) => {
      const before = this.known.get(key)
      if (before && sameBytes(before.caret, caret)) return []
      const after: Known = {
        id: ++this.lastId,
        caret,
        state: 'asked',
        place: before?.place ?? null,
        isFound: false,
      }
      this.known.set(key, after)
      return [after]
    })
    this.ask(renamed)
    if (gone.some(([, { place }]) => place)) this.onMoved()
  }

  /** Follows a change of the text; `isRemote` for one that may have brought named characters. */
  follow(changes: ChangeSet, isRemote: boolean): void {
    this.ask([...this.known.values()].filter((caret) => follows(caret, changes, isRemote)))
  }

  /** Takes the replica's answer, with offsets in the newest text. */
  take(found: readonly FoundCaret[]): void {
    const byId = new Map([...this.known.values()].map((caret) => [caret.id, caret]))
    let isMoved = false
    for (const { id, place } of found) {
      const caret = byId.get(id)
      if (!caret) continue
      const before = caret.place
      const isLoose = (end: End | undefined) => caret.isFound && end?.isLoose === true
      caret.state = place ? 'placed' : 'missing'
      caret.place = place && {
        anchor: { offset: place.anchor, isLoose: isLoose(before?.anchor) },
        head: { offset: place.head, isLoose: isLoose(before?.head) },
      }
      caret.isFound = true
      isMoved ||= before?.anchor.offset !== place?.anchor || before?.head.offset !== place?.head
    }
    if (isMoved) this.onMoved()
  }

  /** Asks for all carets: a replica has loaded, and the last one may have left questions open. */
  askAgain(): void {
    this.ask([...this.known.values()])
  }

  private ask(carets: readonly Known[]): void {
    if (carets.length === 0) return
    for (const caret of carets) caret.state = 'asked'
    this.find(carets.map(({ id, caret }) => ({ id, caret })))
  }
}

/** Moves a caret with the text. Returns true if the replica has to be asked for its place. */
function follows(caret: Known, changes: ChangeSet, isRemote: boolean): boolean {
  const { place, state } = caret
  if (!place) return isRemote && state === 'missing'
  const anchor = followOffset(changes, place.anchor.offset)
  const head = followOffset(changes, place.head.offset)
  caret.place = {
    anchor: { offset: anchor.offset, isLoose: place.anchor.isLoose || anchor.isLoose },
    head: { offset: head.offset, isLoose: place.head.isLoose || head.isLoose },
  }
  const isUnsure = (place.anchor.isLoose && anchor.isMet) || (place.head.isLoose && head.isMet)
  return isUnsure && state === 'placed'
}
