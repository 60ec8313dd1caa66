#!/usr/bin/env node
import { createInterface } from 'node:readline'
import { version } from '../../package.json'
import { errorWords } from '../../preload/messages/errors'
import { SwarmpadError } from '../base/errors'
import { longestText } from '../keys/link'
import { terminalText } from '../keys/terminal-text'
import { parseKeeperArguments, usage } from './arguments'
import { carryOut } from './commands'

/** Runs the command line of a keeper; resolves to the exit code. */
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

/** Reads the first line that a person types, or the output of a program up to the longest text with a link. */
async function readInput(): Promise<string> {
  let text = ''
  for await (const line of createInterface({ input: process.stdin })) {
    text += `${line}\n`
    if ((process.stdin.isTTY && line.trim()) || text.length > longestText) break
  }
  return text
}

/** Logs an internal error without its message, which may contain secrets. */
function tellUnforeseen(error: unknown): void {
  const { name, stack = '' } = error instanceof Error ? error : new Error('no error')
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  console.error([`swarmpad-keeper: unforeseen: ${name}`, ...frames].map(terminalText).join('\n'))
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof SwarmpadError) console.error(`swarmpad-keeper: ${terminalText(errorWords(error))}`)
    else tellUnforeseen(error)
    process.exit(1)
  },
)
