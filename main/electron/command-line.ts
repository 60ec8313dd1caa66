import { resolve } from 'node:path'
import { SwarmpadError } from '../base/errors'
import { type NodeAddress, parseNode } from '../network/node-address'
import { type Opening, openingOf } from './deep-links'

/** Parsed command line. */
export interface CommandLine {
  /** The profile's folder; null for the usual place. */
  readonly profile: string | null
  /** DHT nodes to begin with; null for the public ones. */
  readonly bootstrap: readonly NodeAddress[] | null
  readonly opening: Opening | null
  /** False: never look for others on the local network. */
  readonly lan: boolean
  /** Says in the terminal what the network is like, and ends. */
  readonly diagnose: boolean
}

/** How the program is started, in one line. */
export const usage =
  'usage: swarmpad [--profile DIR] [--bootstrap HOST:PORT,…] [--no-lan] [--diagnose] [LINK or FILE.md]'

/** Where the arguments came from. */
export interface CommandLinePlace {
  /** The folder that relative paths are meant from. */
  readonly directory: string
  /** The app's own path, which the runtime is given as an argument when the app is not packed; else null. */
  readonly appPath: string | null
}

/**
 * Reads the program's arguments (without the executable). Switches that are not Swarmpad's are
 * Chromium's and left alone. Throws ARGUMENTS_INVALID with what is wrong.
 */
export function parseCommandLine(args: readonly string[], place: CommandLinePlace): CommandLine {
  let profile: string | null = null
  let bootstrap: CommandLine['bootstrap'] = null
  let opening: Opening | null = null
  let lan = true
  let diagnose = false
  let appPath = place.appPath
  const rest = [...args]
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const { name, value } = splitSwitch(argument)
    if (name === '--profile') profile = resolve(place.directory, value ?? valueFor(name, rest))
    else if (name === '--bootstrap') bootstrap = parseBootstrap(value ?? valueFor(name, rest))
    else if (argument === '--no-lan') lan = false
    else if (argument === '--diagnose') diagnose = true
    else if (argument === '' || argument.startsWith('-')) continue
    else if (appPath !== null && resolve(place.directory, argument) === resolve(appPath)) appPath = null
    else if (opening) throw invalid('Only one link or file can be opened at a time.')
    else opening = openingOf(argument, place.directory)
  }
  return { profile, bootstrap, opening, lan, diagnose }
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
