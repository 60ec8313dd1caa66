/** A value computed from state. Reports it when it differs, compared as JSON, from the one reported last. */
export class DerivedValue<T> {
  private readonly compute: () => T
  private readonly onChange: (value: T) => void
  private reported: string | undefined

  /** `initial` counts as reported; without it the first update always reports. */
  constructor(options: { compute: () => T; onChange: (value: T) => void; initial?: T }) {
    this.compute = options.compute
    this.onChange = options.onChange
    this.reported = JSON.stringify(options.initial)
  }

  /** Computes the value, and reports it if it changed. To be called when the state may have changed. */
  update(): void {
    const value = this.compute()
    const text = JSON.stringify(value)
    if (text === this.reported) return
    this.reported = text
    this.onChange(value)
  }
}
