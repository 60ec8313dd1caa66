import type { System } from './system'

const ours = { durable: 'synced before sent, and before shown at the receiver', server: null }
const overSwarm = { ...ours, wire: 'Hyperswarm', signed: false, sealed: 'on the wire' }

/** All systems, in the order of a table. The first is measured against the second. */
export const systems: readonly System[] = [
  {
    ...ours,
    name: 'swarmpad',
    wire: 'Hyperswarm',
    signed: true,
    sealed: 'on the wire and on disk',
    open: async (options) => (await import('./swarmpad')).open(options),
  },
  {
    ...overSwarm,
    name: 'yjs',
    open: async (options) => {
      const [{ openUpdates }, { yjs }] = await Promise.all([import('./updates'), import('./yjs')])
      return openUpdates(options, yjs)
    },
  },
  {
    name: 'y-websocket',
    wire: 'WebSocket through a server',
    durable: 'the server stores it after sending, unsynced; peers do not',
    signed: false,
    sealed: 'no',
    server: 'y-websocket',
    open: async (options) => (await import('./y-websocket')).open(options),
  },
  {
    ...overSwarm,
    name: 'loro',
    open: async (options) => {
      const [{ openUpdates }, { loro }] = await Promise.all([import('./updates'), import('./loro')])
      return openUpdates(options, loro)
    },
  },
  {
    ...overSwarm,
    name: 'automerge',
    open: async (options) => {
      const [{ openUpdates }, { automerge }] = await Promise.all([import('./updates'), import('./automerge')])
      return openUpdates(options, automerge)
    },
  },
  {
    name: 'automerge-repo',
    wire: 'WebSocket through a server',
    durable: 'stored after sending, unsynced',
    signed: false,
    sealed: 'no',
    server: 'automerge-repo',
    open: async (options) => (await import('./automerge-repo')).open(options),
  },
  {
    name: 'wire',
    wire: 'Hyperswarm',
    durable: 'no: the connection alone, without merging, for scale',
    signed: false,
    sealed: 'on the wire',
    server: null,
    open: async (options) => (await import('./bare-wire')).open(options),
  },
]

/** The system of a name. Throws if there is none. */
export function systemOf(name: string): System {
  const found = systems.find((system) => system.name === name)
  if (!found) throw new Error(`no system is called ${name}`)
  return found
}
