/** Knows since when the oldest edit waits to be saved, from the versions that the edits are confirmed with. */
export class SavingClock {
  /** Versions with edits made here that are not saved yet, and when their oldest edit was made. */
  private waiting: { readonly version: number; readonly since: number }[] = []
  private ownVersion: number | null = null
  private pendingSince: number | null = null

  /** Takes the newest facts at a time in ms; returns the time of the oldest edit that is not saved; null for none. */
  oldest(
    { pending, ownVersion }: { readonly pending: boolean; readonly ownVersion: number },
    savedVersion: number,
    now: number,
  ): number | null {
    const confirms = this.ownVersion !== null && ownVersion > this.ownVersion
    if (confirms) this.waiting.push({ version: ownVersion, since: this.pendingSince ?? now })
    this.ownVersion = ownVersion
    // Edits that are pending after a confirmation are younger than those that it confirmed.
    if (!pending) this.pendingSince = null
    else if (confirms || this.pendingSince === null) this.pendingSince = now
    this.waiting = this.waiting.filter(({ version }) => version > savedVersion)
    return this.waiting[0]?.since ?? this.pendingSince
  }
}
