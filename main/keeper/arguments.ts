import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SwarmpadError } from '../base/errors'
import { cleanName } from '../keys/name'
import { defaultLimits, type QuotaLimits } from '../log/quota'
import { type NodeAddress, parseNode } from '../network/node-address'
import type { RelayBudget } from '../network/relay'

/** Command of a keeper. */
export type Command =
  | { readonly name: 'help' | 'version' }
  | { readonly name: 'add'; readonly link: string; readonly label: string }
  | { readonly name: 'remove'; readonly id: string }
  | { readonly name: 'compact'; readonly id: string }
  | { readonly name: 'list' | 'status'; readonly json: boolean }
  | { readonly name: 'run' | 'relay' }

/** Parsed command line of a keeper. */
export interface KeeperArguments {
  readonly command: Command
  /** The profile's folder. */
  readonly directory: string
  /** Bootstrap nodes of the DHT; null for the public ones. */
  readonly bootstrap: readonly NodeAddress[] | null
  readonly limits: QuotaLimits
  /** Name shown to the people whose documents it keeps; '' for none. */
  readonly name: string
  /** Local port that serves metrics; null to disable them. */
  readonly metrics: number | null
  readonly log: 'lines' | 'json'
  readonly lan: boolean
  /** Null disables relaying for peers; undefined selects the usual budget. */
  readonly relayBudget: RelayBudget | null | undefined
}

/** Help text. */
export const usage = `usage: swarmpad-keeper COMMAND [options]

  add LINK [--label TEXT]  keep a document; LINK may be - to be read from standard input
  list [--json]            which documents are kept
  remove ID                stop keeping one, and delete what is stored of it
  run                      keep them: stay on the network until it is told to end
  status [--json]          how it goes with the one that runs
  compact ID               give up the segments that a document's snapshot holds too
  relay                    only carry connections of others who cannot reach each other

  --profile DIR            where documents are kept (default: $XDG_DATA_HOME/swarmpad-keeper)
  --bootstrap HOST:PORT,…  nodes to begin with, instead of the public ones
  --name TEXT              what those who share a document see this keeper called
  --quota SIZE             what a document may take, as 500M or 2G (default 1G)
  --quota-total SIZE       what all of them may take together (default 16G)
  --relay-rate SIZE        bytes a second to spend on relaying for peers; 0 for none (default 128K)
  --metrics PORT           tell metrics at http://127.0.0.1:PORT/metrics
  --log lines|json         how to write what happens
  --lan                    look for others on the local network too`

const options = {
  profile: { type: 'string' },
  bootstrap: { type: 'string' },
  label: { type: 'string' },
  name: { type: 'string' },
  quota: { type: 'string' },
  'quota-total': { type: 'string' },
  'relay-rate': { type: 'string' },
  metrics: { type: 'string' },
  log: { type: 'string' },
  json: { type: 'boolean' },
  lan: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/** Maximum number of concurrent relayed connections. */
const relayedSessions = 64

/**
 * Parses the arguments (without the executable and the script). Resolves relative paths against `directory`.
 * Throws ARGUMENTS_INVALID with the reason.
 */
export function parseKeeperArguments(
  args: readonly string[],
  place: { directory: string; env: Readonly<Record<string, string | undefined>> },
): KeeperArguments {
  const { values, positionals } = read(args)
  const data = place.env.XDG_DATA_HOME || join(homedir(), '.local', 'share')
  const rate =
    values['relay-rate'] === undefined ? undefined : parseSize('--relay-rate', values['relay-rate'])
  return {
    command: commandOf(values, positionals),
    directory: values.profile ? resolve(place.directory, values.profile) : join(data, 'swarmpad-keeper'),
    bootstrap: values.bootstrap === undefined ? null : parseBootstrap(values.bootstrap),
    limits: {
      ...defaultLimits,
      ...(values.quota === undefined ? {} : { document: parseSize('--quota', values.quota) }),
      ...(values['quota-total'] === undefined
        ? {}
        : { profile: parseSize('--quota-total', values['quota-total']) }),
    },
    name: cleanName(values.name ?? ''),
    metrics: values.metrics === undefined ? null : parsePort(values.metrics),
    log: parseLog(values.log ?? 'lines'),
    lan: values.lan ?? false,
    relayBudget:
      rate === undefined
        ? undefined
        : rate === 0
          ? null
          : { bytesPerSecond: rate, sessions: relayedSessions },
  }
}

/** Parses a size in bytes: 1000, 500K, 20M, 2G or 1T, with or without a trailing B. Throws ARGUMENTS_INVALID. */
function parseSize(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim())
  const scale = 1024 ** ['', 'k', 'm', 'g', 't'].indexOf((match?.[2] ?? '').toLowerCase())
  const size = Math.round(Number(match?.[1]) * scale)
  if (!match || !Number.isSafeInteger(size)) throw invalid(`${name} takes a size, as 500M or 2G.`)
  return size
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    // The message quotes the argument, which may contain a link: the caller redacts it.
    throw invalid(
      error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'These arguments are wrong.',
    )
  }
}

function commandOf(
  values: { help?: boolean; version?: boolean; json?: boolean; label?: string },
  [name, ...rest]: readonly string[],
): Command {
  if (values.version) return { name: 'version' }
  if (values.help || name === 'help' || name === undefined) return { name: 'help' }
  const only = (what: string): string => {
    const [first, ...more] = rest
    if (first === undefined || more.length > 0) throw invalid(`${name} takes one ${what}.`)
    return first
  }
  switch (name) {
    case 'add':
      return { name, link: only('link'), label: values.label ?? '' }
    case 'remove':
    case 'compact':
      return { name, id: only('id') }
    case 'list':
    case 'status':
    case 'run':
    case 'relay':
      if (rest.length > 0) throw invalid(`${name} takes nothing behind it.`)
      return name === 'list' || name === 'status' ? { name, json: values.json ?? false } : { name }
    default:
      throw invalid('There is no such command. See --help.')
  }
}

function parseBootstrap(text: string): NodeAddress[] {
  try {
    return text.split(',').map(parseNode)
  } catch {
    throw invalid('--bootstrap takes HOST:PORT, or several of them with commas between.')
  }
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw invalid('--metrics takes a port.')
  return port
}

function parseLog(text: string): 'lines' | 'json' {
  if (text !== 'lines' && text !== 'json') throw invalid('--log takes lines or json.')
  return text
}

const invalid = (sentence: string): SwarmpadError => new SwarmpadError('ARGUMENTS_INVALID', { sentence })
