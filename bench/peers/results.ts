import { type Aim, median, meets } from './statistics'

/** A number that was measured once. */
export interface Value {
  readonly what: string
  readonly unit: string
  readonly value: number
}

/** A number of one system at one point of a case: each time it was measured, and the middle of these. */
export interface Measured {
  readonly case: string
  readonly point: string
  readonly what: string
  readonly unit: string
  readonly system: string
  readonly values: number[]
  readonly median: number
  /** Times the value of Yjs on the same wire, in the same run. */
  readonly ratio?: number
  readonly aim?: Aim
  readonly met?: boolean
}

/** The system that others are compared with, and the one that has aims. */
const compared = 'yjs'
const ours = 'swarmpad'

const firstColumn = 46
const column = 18

/** The numbers of one case at one point, for all systems. */
export class PointResults {
  private readonly name: { case: string; point: string }
  private readonly aims: Readonly<Record<string, Aim>>
  private readonly rows = new Map<string, { unit: string; values: Map<string, number[]> }>()

  /** `aims`: by the name of the number. */
  constructor(name: { case: string; point: string }, aims: Readonly<Record<string, Aim>>) {
    this.name = name
    this.aims = aims
  }

  /** Adds what a system took once. */
  add(system: string, { what, unit, value }: Value): void {
    const row = this.rows.get(what) ?? { unit, values: new Map<string, number[]>() }
    this.rows.set(what, row)
    row.values.set(system, [...(row.values.get(system) ?? []), value])
  }

  /** All numbers, with ratios and verdicts. */
  measured(): Measured[] {
    return [...this.rows].flatMap(([what, { unit, values }]) => {
      const base = values.has(compared) ? median(values.get(compared) ?? []) : undefined
      return [...values].map(([system, all]): Measured => {
        const middle = median(all)
        const aim = system === ours ? this.aims[what] : undefined
        const met = aim && meets(aim, middle, base)
        return {
          ...this.name,
          ...{ what, unit, system, values: all, median: middle },
          ...(base === undefined || system === compared ? {} : { ratio: middle / base }),
          ...(aim ? { aim } : {}),
          ...(met === undefined || met === null ? {} : { met }),
        }
      })
    })
  }

  /** A table with a row for each number and a column for each system, and a line for each aim. */
  table(systems: readonly string[]): string {
    const all = this.measured()
    const present = systems.filter((name) => all.some(({ system }) => system === name))
    const title = `${this.name.case}, ${this.name.point}`
    const lines = [title.padEnd(firstColumn) + present.map((name) => name.padStart(column)).join('')]
    for (const [what, { unit }] of this.rows) {
      const cells = present.map((name) => cell(all.find((one) => one.what === what && one.system === name)))
      lines.push(
        (unit ? `  ${what}, ${unit}` : `  ${what}`).padEnd(firstColumn) +
          cells.map((text) => text.padStart(column)).join(''),
      )
    }
    for (const { what, unit, aim, met } of all)
      if (aim) lines.push(`  aim: ${what} ${aimWords(aim, unit)}: ${verdict(met)}`)
    return lines.join('\n')
  }
}

function cell(one: Measured | undefined): string {
  if (!one) return '-'
  return number(one.median) + (one.ratio === undefined ? '' : ` (${number(one.ratio)} x)`)
}

const aimWords = (aim: Aim, unit: string): string =>
  'most' in aim ? `at most ${aim.most} ${unit}`.trim() : `at most ${aim.times} times that of ${compared}`

const verdict = (met: boolean | undefined): string =>
  met === undefined ? `not known, ${compared} was not measured` : met ? 'met' : 'MISSED'

function number(value: number): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value)) return '-'
  return value.toFixed(size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}
