/** Read-only view of a map that its owner goes on changing: it has no methods that could change the map. */
export class MapView<Key, Value> implements ReadonlyMap<Key, Value> {
  private readonly map: ReadonlyMap<Key, Value>

  constructor(map: ReadonlyMap<Key, Value>) {
    this.map = map
  }

  get size(): number {
    return this.map.size
  }

  get(key: Key): Value | undefined {
    return this.map.get(key)
  }

  has(key: Key): boolean {
    return this.map.has(key)
  }

  forEach(run: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this.map) run(value, key, this)
  }

  entries(): MapIterator<[Key, Value]> {
    return this.map.entries()
  }

  keys(): MapIterator<Key> {
    return this.map.keys()
  }

  values(): MapIterator<Value> {
    return this.map.values()
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.map.entries()
  }
}
