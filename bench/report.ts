/** One measured number. */
export interface Measurement {
  /** Description of the measurement, self-contained in a table. */
  readonly what: string
  readonly value: number
  readonly unit: string
  /** Upper limit to aim for. */
  readonly aim?: number
}

/** Hands a number to the program that runs the benches: a line of JSON. */
export function report(what: string, value: number, unit: string, aim?: number): void {
  const measurement: Measurement = { what, value, unit, ...(aim === undefined ? {} : { aim }) }
  console.log(JSON.stringify(measurement))
}

/** Hands over p50 and p95 of many values; the aim is for p50. */
export function reportSpread(what: string, values: readonly number[], unit: string, aim?: number): void {
  report(`${what}, p50`, percentile(values, 0.5), unit, aim)
  report(`${what}, p95`, percentile(values, 0.95), unit)
}

/** The value below which a share of all lies, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** The path behind `--trace`, or null. */
export function traceFile(): string | null {
  const index = process.argv.indexOf('--trace')
  return index < 0 ? null : (process.argv[index + 1] ?? null)
}
