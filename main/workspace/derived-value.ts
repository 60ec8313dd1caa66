import { sameData } from '../base/same-data'

/** A value of plain data, computed from state. Reports it when it differs from the one reported last. */
export class DerivedValue<T> {
  private readonly compute: () => T
  private readonly onChange: (value: T) => void
  private reported: T | undefined

  /** `initial` counts as reported; without it the first update always reports. */
  constructor(options: { compute: () => T; onChange: (value: T) => void; initial?: T }) {
    this.compute = options.compute
    this.onChange = options.onChange
    this.reported = options.initial
  }

  /** Computes the value, reports it if it changed, and returns it. To be called when the state may have changed. */
  update(): T {
    const value = this.compute()
    if (this.reported !== undefined && sameData(value, this.reported)) return this.reported
    this.reported = value
    this.onChange(value)
    return value
  }
}
