/** Branches of a node. A leaf holds sequence numbers, by session. */
const width = 32

type Node = readonly (Node | number | undefined)[]

/**
 * Ancestors of a change as a vector: maps the number of each session to the sequence number of its last
 * change among them. Immutable. Vectors share common parts, as tries do, so that a change that adds one
 * session to another's vector costs a path and not a copy.
 */
export class Ancestors {
  static readonly none = new Ancestors([], width)

  private readonly root: Node
  /** Numbers below this fit under the root. */
  private readonly capacity: number

  private constructor(root: Node, capacity: number) {
    this.root = root
    this.capacity = capacity
  }

  /** Returns the number of a session's last change; 0 for none. */
  get(session: number): number {
    if (session >= this.capacity) return 0
    let node: Node = this.root
    for (let span = this.capacity / width; span > 1; span /= width) {
      const next = node[Math.floor(session / span) % width]
      if (next === undefined || typeof next === 'number') return 0
      node = next
    }
    const seq = node[session % width]
    return typeof seq === 'number' ? seq : 0
  }

  /** Returns a vector with at least this sequence number for a session. */
  with(session: number, seq: number): Ancestors {
    if (this.get(session) >= seq) return this
    let grown: Ancestors = this
    while (session >= grown.capacity) grown = grown.grow()
    return new Ancestors(put(grown.root, session, seq, grown.capacity / width), grown.capacity)
  }

  /** Returns the vector with the larger number of both for each session. */
  union(other: Ancestors): Ancestors {
    let [one, two]: [Ancestors, Ancestors] = [this, other]
    while (one.capacity < two.capacity) one = one.grow()
    while (two.capacity < one.capacity) two = two.grow()
    const root = merge(one.root, two.root)
    return root === one.root ? one : root === two.root ? two : new Ancestors(root, one.capacity)
  }

  private grow(): Ancestors {
    return new Ancestors(this.root.length === 0 ? [] : [this.root], this.capacity * width)
  }
}

function put(node: Node, session: number, seq: number, span: number): Node {
  const slot = Math.floor(session / span) % width
  const next = Array.from({ length: Math.max(node.length, slot + 1) }, (_, index) => node[index])
  const below = next[slot]
  next[slot] = span === 1 ? seq : put(typeof below === 'object' ? below : [], session, seq, span / width)
  return next
}

/** Merges two nodes; returns one of the two if it covers the other. */
function merge(one: Node, two: Node): Node {
  if (one === two) return one
  const length = Math.max(one.length, two.length)
  const merged: (Node | number | undefined)[] = []
  let isOne = one.length === length
  let isTwo = two.length === length
  for (let slot = 0; slot < length; slot++) {
    const both = mergeSlot(one[slot], two[slot])
    isOne &&= both === one[slot]
    isTwo &&= both === two[slot]
    merged.push(both)
  }
  return isOne ? one : isTwo ? two : merged
}

function mergeSlot(
  one: Node | number | undefined,
  two: Node | number | undefined,
): Node | number | undefined {
  if (one === undefined || one === two) return two
  if (two === undefined) return one
  if (typeof one === 'number' || typeof two === 'number') return Math.max(Number(one), Number(two))
  return merge(one, two)
}
