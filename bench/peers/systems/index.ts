import type { System } from './system'

const overSwarm = {
  wire: 'Hyperswarm',
  durable: 'synced before sent, and before shown at the receiver',
  sealed: 'on the wire',
  server: null,
}

/** All systems, in the order of a table. */
export const systems: readonly System[] = [
  {
    ...overSwarm,
    name: 'swarmpad',
    signed: true,
    sealed: 'on the wire and on disk',
    load: async () => (await import('./swarmpad')).open,
  },
  { ...overSwarm, name: 'yjs', signed: false, load: async () => (await import('./yjs')).open },
  {
    name: 'y-websocket',
    wire: 'WebSocket through a server',
    durable: 'the server stores it after sending, unsynced; peers do not',
    signed: false,
    sealed: 'no',
    server: 'y-websocket',
    load: async () => (await import('./y-websocket')).open,
  },
  { ...overSwarm, name: 'loro', signed: false, load: async () => (await import('./loro')).open },
  { ...overSwarm, name: 'automerge', signed: false, load: async () => (await import('./automerge')).open },
  {
    name: 'automerge-repo',
    wire: 'WebSocket through a server',
    durable: 'stored after sending, unsynced',
    signed: false,
    sealed: 'no',
    server: 'automerge-repo',
    load: async () => (await import('./automerge-repo')).open,
  },
  {
    ...overSwarm,
    name: 'signed-wire',
    signed: true,
    load: async () => (await import('./signed-wire')).open,
  },
  {
    ...overSwarm,
    name: 'wire',
    durable: 'no',
    signed: false,
    load: async () => (await import('./bare-wire')).open,
  },
]

/** Systems that merge nothing: the least that a key costs on this machine, with and without signature and disk. */
export const floors: readonly string[] = ['signed-wire', 'wire']

/** Finds the system of a name. Throws for an unknown name. */
export function systemOf(name: string): System {
  const found = systems.find((system) => system.name === name)
  if (!found) throw new Error(`no system is called ${name}`)
  return found
}
