/** Calls listeners of named events. */
export class Emitter<Events extends object> {
  /** Lists are replaced, not changed, so that an event under way calls those that it began with. */
  private readonly listeners = new Map<keyof Events, readonly ((detail: never) => void)[]>()

  /** Subscribes to events of that name; returns a function that removes the listener. */
  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void {
    const others = this.without(name, listener)
    this.listeners.set(name, [...others, listener])
    return () => this.listeners.set(name, this.without(name, listener))
  }

  /** Calls the listeners of an event, in the order in which they subscribed. */
  emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    for (const listener of this.listeners.get(name) ?? [])
      (listener as (detail: Events[Name]) => void)(detail)
  }

  private without(name: keyof Events, listener: (detail: never) => void): ((detail: never) => void)[] {
    return (this.listeners.get(name) ?? []).filter((one) => one !== listener)
  }
}
