#!/usr/bin/env node
import { createInterface } from 'node:readline'
import { version } from '../../package.json'
import { SwarmpadError } from '../errors'
import { parseKeeperArguments, usage } from './arguments'
import { carryOut } from './commands'

/** The keeper's command line: reads the arguments, does what they say, ends with 0 or 1. */
async function main(): Promise<number> {
  const place = { directory: process.env.INIT_CWD ?? process.cwd(), env: process.env }
  const { command, ...options } = parseKeeperArguments(process.argv.slice(2), place)
  switch (command.name) {
    case 'help':
      console.log(usage)
      return 0
    case 'version':
      console.log(version)
      return 0
    case 'add':
      return carryOut({ ...command, link: command.link === '-' ? await readInput() : command.link }, options)
    default:
      return carryOut(command, options)
  }
}

async function readInput(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) if (line.trim()) return line
  return ''
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    // Anything else is a fault of this program: its message could hold what must not be shown.
    if (error instanceof SwarmpadError) console.error(`swarmpad-keeper: ${error.message}`)
    else console.error(error instanceof Error ? error.stack?.replace(error.message, '') : 'unknown error')
    process.exit(1)
  },
)
