/** Choices of the person who runs this bench. */
export interface BenchOptions {
  readonly quick: boolean
  /** Cases and systems to run; empty for all. */
  readonly cases: readonly string[]
  readonly systems: readonly string[]
  /** Sizes or counts to measure at, instead of those of the case; empty for those. */
  readonly points: readonly number[]
  /** How often each is measured, in turns; null for the usual number. */
  readonly rounds: number | null
  /** Folder of another built checkout to measure as `before`; null for none. */
  readonly against: string | null
}

/** How the command is used. */
export const usageText = `usage: npm run bench -- peers [--quick] [--only CASE]… [--system NAME]… [--at NUMBER]… [--rounds N] [--against DIR]

  --quick        fewer sizes, once each: about a minute for a case and two systems
  --only CASE    CASES
  --system NAME  SYSTEMS
  --at NUMBER    measures at this size or count alone
  --rounds N     measures each so often, in turns (3; 1 with --quick)
  --against DIR  measures another checkout too, built with npm run build, as 'before'`

const folder = (value: string | undefined): string => {
  if (!value) throw new Error('a folder is needed')
  return value
}

/** Reads the arguments. Throws an Error with a sentence for one that is unknown. */
export function readOptions(
  args: readonly string[],
  known: { cases: readonly string[]; systems: readonly string[] },
): BenchOptions {
  const found = {
    quick: false,
    cases: [] as string[],
    systems: [] as string[],
    points: [] as number[],
    rounds: null as number | null,
    against: null as string | null,
  }
  const rest = [...args]
  const list = (value: string | undefined, names: readonly string[]): string[] => {
    const chosen = (value ?? '').split(',')
    for (const name of chosen) if (!names.includes(name)) throw new Error(`'${name}' is not one of ${names}`)
    return chosen
  }
  const numbers = (value: string | undefined): number[] => {
    const all = (value ?? '').split(',').map(Number)
    if (all.some((number) => !Number.isSafeInteger(number) || number < 1))
      throw new Error('a number is needed')
    return all
  }
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--quick') found.quick = true
    else if (argument === '--only') found.cases.push(...list(rest.shift(), known.cases))
    else if (argument === '--system') found.systems.push(...list(rest.shift(), [...known.systems, 'before']))
    else if (argument === '--at') found.points.push(...numbers(rest.shift()))
    else if (argument === '--rounds') found.rounds = numbers(rest.shift())[0] ?? null
    else if (argument === '--against') found.against = folder(rest.shift())
    else throw new Error(`'${argument}' is not an option`)
  }
  return found
}
