import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFile } from '../base/atomic-file'
import { systemEnvironment } from '../base/environment'
import { assertNever, SwarmpadError } from '../base/errors'
import { terminalJson, terminalText } from '../keys/terminal-text'
import { SwarmNetwork } from '../network/swarm-network'
import { keeperBudget } from '../network/topic-budget'
import { runRelay } from '../relay/run-relay'
import { forgetDocument } from '../repo/forget-document'
import { NotedStore } from '../repo/noted-store'
import { openStore } from '../repo/open-store'
import { freeSpace } from '../storage/free-space'
import { LevelStore } from '../storage/level-store'
import { harden } from '../sync/wire/hardened-mux'
import type { Command, KeeperArguments } from './arguments'
import { askControl, type Question, serveControl } from './control'
import { makeJournal } from './journal'
import { Keeper, listFile, storeFolder } from './keeper'
import { type Added, KeptList } from './kept-list'
import { serveMetrics } from './metrics-server'
import { type KeeperState, metrics, stateWords } from './state'

type Options = Omit<KeeperArguments, 'command'>
type Work = Exclude<Command, { name: 'help' | 'version' }>

const say = (line: string): void => console.log(line)

/**
 * Executes a command, through the keeper running in the profile if there is one; resolves to the exit code.
 * Rejects with a SwarmpadError for errors that the operator can act on.
 */
export async function carryOut(command: Work, options: Options): Promise<number> {
  switch (command.name) {
    case 'add':
      return added(await asked(options, command, () => add(command, options)))
    case 'remove': {
      const { id } = await asked(options, command, () => remove(command.id, options))
      say(`Removed ${id.slice(0, 16)} and what was stored of it.`)
      return 0
    }
    case 'compact':
      return compact(command, options)
    case 'list':
      return list(command.json, options)
    case 'status':
      return status(command.json, options)
    case 'run':
      return run(options)
    case 'relay':
      return relay(options)
    default:
      return assertNever(command)
  }
}

/** Returns the answer of the running keeper, or the result of `alone` if none is running. */
async function asked<T>({ directory }: Options, question: Question, alone: () => Promise<T>): Promise<T> {
  const answer = await askControl(directory, question)
  return answer ? (answer.value as T) : alone()
}

const openList = async (directory: string): Promise<KeptList> => {
  const kept = new KeptList(listFile(directory))
  await kept.open()
  return kept
}

const add = async (
  { link, label }: { link: string; label: string },
  { directory }: Options,
): Promise<Added> => (await openList(directory)).add(link, label)

function added({ id, reduced }: Added): number {
  say(`Keeping ${id.slice(0, 16)}.`)
  if (reduced)
    say(
      'This was a write link. Only what a keeper link gives was taken from it and stored: the document can be kept here, not read or changed.',
    )
  return 0
}

async function remove(name: string, { directory }: Options): Promise<{ id: string }> {
  const kept = await openList(directory)
  const id = kept.find(name)
  const { documentId } = kept.entry(id).keys
  const store = new NotedStore(new LevelStore(storeFolder(directory)), { random: randomBytes, records: [] })
  await openStore(store, () => secretFile(directory, 'holder-seed'))
  try {
    await forgetDocument(store, documentId)
    await kept.remove(id)
  } finally {
    await store.close()
  }
  return { id }
}

async function compact(question: { name: 'compact'; id: string }, { directory }: Options): Promise<number> {
  const answer = await askControl(directory, question)
  if (!answer) throw notRunning()
  const { id, done } = answer.value as { id: string; done: boolean }
  say(done ? `Gave up what the snapshot of ${id.slice(0, 16)} holds too.` : 'There is no snapshot that fits.')
  return done ? 0 : 1
}

async function list(json: boolean, { directory }: Options): Promise<number> {
  const documents = [...(await openList(directory)).entries].map(([id, { label }]) => ({ id, label }))
  if (json) say(terminalJson(documents))
  else if (documents.length === 0) say('No document is kept here. Add one with: swarmpad-keeper add LINK')
  else for (const { id, label } of documents) say(`${id.slice(0, 16)}  ${terminalText(label) || '–'}`)
  return 0
}

async function status(json: boolean, { directory }: Options): Promise<number> {
  const answer = await askControl(directory, { name: 'status' })
  if (!answer) throw notRunning()
  const state = answer.value as KeeperState
  say(json ? terminalJson(state) : stateWords(state))
  return 0
}

const notRunning = (): SwarmpadError => new SwarmpadError('KEEPER_NOT_RUNNING')

async function run(options: Options): Promise<number> {
  const { directory, bootstrap, lan, limits, name, relayBudget } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const environment = systemEnvironment
  const journal = makeJournal(options.log, () => environment.clock.now(), say)
  const keeper = new Keeper({
    directory,
    environment,
    limits,
    store: new LevelStore(storeFolder(directory)),
    network: new SwarmNetwork({
      environment,
      guard: harden,
      lan,
      topicBudget: keeperBudget,
      ...(bootstrap ? { bootstrap: [...bootstrap] } : {}),
      ...(relayBudget === undefined ? {} : { relayBudget }),
    }),
    freeSpace: () => freeSpace(directory),
    holderSeed: await secretFile(directory, 'holder-seed'),
    name,
    events: {
      onNotice: (level, message, id) => journal(level, message, id ? { document: id.slice(0, 16) } : {}),
    },
  })
  await keeper.open()
  const control = await serveControl(directory, (question) => answer(keeper, question))
  const text = () => metrics(keeper.state(), process.memoryUsage().rss)
  const metricsServer = options.metrics === null ? null : await serveMetrics(options.metrics, text)
  const address = metricsServer?.address()
  journal('info', 'Keeping', {
    documents: keeper.state().documents.length,
    ...(address && typeof address === 'object' ? { metrics: address.port } : {}),
  })
  await untilSignal()
  journal('info', 'Ending')
  await control.close()
  metricsServer?.close()
  metricsServer?.closeAllConnections()
  await keeper.close()
  journal('info', 'Ended')
  return 0
}

async function answer(keeper: Keeper, question: Question): Promise<unknown> {
  switch (question.name) {
    case 'add':
      return keeper.add(question.link, question.label)
    case 'remove':
      return keeper.remove(question.id)
    case 'compact':
      return keeper.compact(question.id)
    case 'status':
      return keeper.state()
    default:
      return assertNever(question)
  }
}

async function relay(options: Options): Promise<number> {
  const { directory, bootstrap, relayBudget } = options
  const seed = await secretFile(directory, 'relay-seed')
  const running = await runRelay({
    seed,
    ...(bootstrap ? { bootstrap } : {}),
    ...(relayBudget ? { budget: relayBudget } : {}),
  })
  const journal = makeJournal(options.log, () => systemEnvironment.clock.now(), say)
  journal('info', 'Relaying', { key: running.publicKey, reachable: running.isOpen })
  if (!running.isOpen)
    journal('warn', 'Not everybody can reach this machine: open a UDP port to it, or run the relay elsewhere')
  await untilSignal()
  await running.close()
  journal('info', 'Ended', { forwarded: running.state.forwarded })
  return 0
}

/** Returns 32 secret bytes, the same on every start, so that peers that know a derived key find it again. */
async function secretFile(directory: string, name: 'relay-seed' | 'holder-seed'): Promise<Uint8Array> {
  const path = join(directory, name)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await makeFile({ path, bytes: randomBytes(32), prove: async () => undefined }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new SwarmpadError(
        'STORE_WRITE_FAILED',
        { what: 'keeper-key', path },
        {
          cause: error,
        },
      )
  })
  const seed = await readFile(path)
  if (seed.length !== 32) throw new SwarmpadError('STORE_DAMAGED', { part: 'keeper-key', path })
  return seed
}

/** Resolves at the first SIGTERM or SIGINT; the second ends the process at once, as by default. */
const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, end)
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
  })
