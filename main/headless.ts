import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SpellingLanguage } from '../preload/contract/settings'
import { systemEnvironment } from './base/environment'
import { machineLoad } from './base/machine-load'
import { startReplicaThread } from './document/replica-thread'
import type { RelayBudget } from './network/relay'
import { relayKeyFrom } from './network/relay-key'
import { SwarmNetwork } from './network/swarm-network'
import { MasterKey } from './profile/master-key'
import { startSearchThread } from './search/search-thread'
import { freeSpace } from './storage/free-space'
import { LevelStore } from './storage/level-store'
import { harden } from './sync/wire/hardened-mux'
import { Workspace } from './workspace/workspace'

export type { ErrorCode } from '../preload/messages/codes'
export { errorWords } from '../preload/messages/errors'
export { SwarmpadError } from './base/errors'
export { type Diagnosis, diagnose } from './diagnose/diagnose'
export type { RelayBudget, RelayState } from './network/relay'
export { MasterKey } from './profile/master-key'
export { type PlainRelay, type RunRelayOptions, runRelay } from './relay/run-relay'
export type { SharedDocument } from './workspace/shared-document'
export type { Workspace } from './workspace/workspace'

/** How to open a workspace. */
export interface OpenWorkspaceOptions {
  /** The profile's folder; made if it is not there. */
  readonly directory: string
  /** DHT nodes to begin with, instead of the public ones. */
  readonly bootstrap?: readonly { host: string; port: number }[]
  /**
   * Passphrase that seals the profile. A new profile, and one whose key is stored in the clear, is sealed with it
   * from now on; without it a new profile's key is stored in the clear, readable by its owner alone.
   */
  readonly passphrase?: string
  /** The profile's key, for a caller that protects it with more than a passphrase and settles it itself. */
  readonly masterKey?: MasterKey
  /** Finds others on the local network too, by multicast DNS; off if not asked for. */
  readonly lan?: boolean
  /** Public keys, hex, of relays to use where two who share a document cannot reach each other. */
  readonly relay?: readonly string[]
  /** Budget for relaying for peers while this program is openly reachable; null disables relaying. */
  readonly relayBudget?: RelayBudget | null
  /** Sets this person's name. */
  readonly name?: string
  /** The version of the wire that is spoken; for trying two against each other. */
  readonly wireVersion?: number
  /** Languages whose spelling is checked as long as the person has chosen none. */
  readonly languages?: readonly SpellingLanguage[]
}

/**
 * Opens a profile's workspace, with or without Electron around it. Rejects with PROFILE_BUSY when another
 * process has it open, PROFILE_NEWER when a later program has written it, STORE_DAMAGED when it cannot be
 * read, PASSPHRASE_WRONG, KEY_SEALED when its key is sealed with something else, and RELAY_INVALID for an invalid
 * relay key. A profile that cannot be opened is left as it is.
 */
export async function openWorkspace(options: OpenWorkspaceOptions): Promise<Workspace> {
  const {
    directory,
    bootstrap,
    lan,
    passphrase,
    name,
    wireVersion,
    relay = [],
    relayBudget,
    languages,
  } = options
  const environment = systemEnvironment
  const { random } = environment
  const masterKey =
    options.masterKey ??
    new MasterKey({ directory, random, ...(passphrase === undefined ? {} : { passphrase }) })
  const workspace = new Workspace({
    environment,
    store: new LevelStore(join(directory, 'store')),
    network: new SwarmNetwork({
      environment,
      guard: harden,
      lan: lan ?? false,
      ...(bootstrap ? { bootstrap: [...bootstrap] } : {}),
      relays: relay.map(relayKeyFrom),
      ...(relayBudget === undefined ? {} : { relayBudget }),
    }),
    startReplica: startReplicaThread(workerFile('worker.js'), environment.clock),
    startSearch: startSearchThread(workerFile('search-worker.js')),
    isBusy: machineLoad(),
    masterKey: (begun) => masterKey.open(begun),
    freeSpace: () => freeSpace(directory),
    ...(name === undefined ? {} : { name }),
    ...(wireVersion === undefined ? {} : { wireVersion }),
    ...(languages === undefined ? {} : { languages }),
  })
  await workspace.open()
  try {
    if (!options.masterKey) await masterKey.improve()
  } catch (error) {
    // The key is kept as it was, and with nothing asked for that is no reason not to open.
    if (passphrase !== undefined) {
      await workspace.close()
      throw error
    }
  }
  return workspace
}

/** A thread's built file: beside this one, or above the folder that shared code was split into. */
function workerFile(name: string): URL {
  const places = [`./${name}`, `../${name}`].map((place) => new URL(place, import.meta.url))
  const found = places.find((place) => existsSync(fileURLToPath(place)))
  if (!found) throw new Error(`${name} is not beside the program: build it first`)
  return found
}
