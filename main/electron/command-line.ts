import { resolve } from 'node:path'
import { SwarmpadError } from '../base/errors'
import { type NodeAddress, parseNode } from '../network/node-address'
import { type Opening, openingOf } from './deep-links'

/** Parsed command line. */
export interface CommandLine {
  /** The profile's folder; null for the default one. */
  readonly profile: string | null
  /** Bootstrap nodes of the DHT; null for the public ones. */
  readonly bootstrap: readonly NodeAddress[] | null
  /** Links and files to open. */
  readonly openings: readonly Opening[]
  /** False to look for no peers on the local network. */
  readonly lan: boolean
  /** False to begin a new profile with an empty library. */
  readonly welcome: boolean
  /** True to print a report on the network and quit. */
  readonly diagnose: boolean
}

/** Usage of the program, in one line. */
export const usage =
  'usage: swarmpad [--profile DIR] [--bootstrap HOST:PORT,…] [--no-lan] [--no-welcome] [--diagnose] [LINK or FILE.md …]'

/** Context of the arguments. */
export interface CommandLinePlace {
  /** The folder that relative paths start from. */
  readonly directory: string
  /** The app's own path, which the runtime is given as an argument when the app is not packed; else null. */
  readonly appPath: string | null
}

/**
 * Parses the program's arguments (without the executable). Ignores switches that are not Swarmpad's: they are
 * Chromium's. Throws ARGUMENTS_INVALID.
 */
export function parseCommandLine(args: readonly string[], place: CommandLinePlace): CommandLine {
  const { directory } = place
  let { appPath } = place
  let parsed: CommandLine = {
    profile: null,
    bootstrap: null,
    openings: [],
    lan: true,
    welcome: true,
    diagnose: false,
  }
  const rest = [...args]
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '' || argument.startsWith('-'))
      parsed = { ...parsed, ...readSwitch(argument, rest, directory) }
    else if (appPath !== null && resolve(directory, argument) === resolve(appPath)) appPath = null
    else parsed = { ...parsed, openings: [...parsed.openings, openingOf(argument, directory)] }
  }
  return parsed
}

/** Returns the values that a switch sets; takes its value from `rest` if it has none. */
function readSwitch(argument: string, rest: string[], directory: string): Partial<CommandLine> {
  if (argument === '--no-lan') return { lan: false }
  if (argument === '--no-welcome') return { welcome: false }
  if (argument === '--diagnose') return { diagnose: true }
  const { name, value } = splitSwitch(argument)
  if (name === '--profile') return { profile: resolve(directory, value ?? valueFor(name, rest)) }
  if (name === '--bootstrap') return { bootstrap: parseBootstrap(value ?? valueFor(name, rest)) }
  return {}
}

function splitSwitch(argument: string): { name: string; value: string | null } {
  const match = /^(--[a-z-]+)=(.*)$/s.exec(argument)
  return match ? { name: match[1] ?? '', value: match[2] ?? '' } : { name: argument, value: null }
}

function valueFor(name: string, rest: string[]): string {
  const value = rest.shift()
  if (!value || value.startsWith('--')) throw invalid(`${name} needs a value.`)
  return value
}

function parseBootstrap(text: string): NodeAddress[] {
  try {
    return text.split(',').map(parseNode)
  } catch {
    throw invalid('--bootstrap takes HOST:PORT, or several of them with commas between.')
  }
}

const invalid = (sentence: string): SwarmpadError => new SwarmpadError('ARGUMENTS_INVALID', { sentence })
