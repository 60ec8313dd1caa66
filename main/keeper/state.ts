import { sizeWords } from '../../preload/messages/format'
import { terminalText } from '../keys/terminal-text'
import type { ShortageCause } from '../log/quota'
import type { Reachability } from '../network/network'

/** State of a kept document. */
export interface DocumentState {
  /** Hex. */
  readonly id: string
  readonly label: string
  /** Fingerprint of this keeper among those who share the document. */
  readonly fingerprint: string
  /** False if it could not be opened. */
  readonly running: boolean
  readonly sessions: number
  readonly changes: number
  /** Bytes that count against its quota. */
  readonly bytes: number
  /** Bytes of the snapshot beside the segments; 0 for none. */
  readonly snapshot: number
  /** Number of connected peers. */
  readonly peers: number
  /** When segments were last stored in this run, in ms since the Unix epoch. */
  readonly storedAt: number | null
  /** A stored part cannot be read, and is requested again. */
  readonly damaged: boolean
  readonly full: ShortageCause | null
  readonly problem: string | null
}

/** State of a keeper. */
export interface KeeperState {
  /** Ms since it started. */
  readonly upFor: number
  readonly network: Reachability
  /** True if it relays connections between peers that cannot reach each other. */
  readonly relays: boolean
  readonly documents: readonly DocumentState[]
}

/** Returns the state as lines for a terminal. */
export function stateWords({ upFor, network, relays, documents }: KeeperState): string {
  const lines = [
    `up for ${spanWords(upFor)}, network ${network}${relays ? ', relaying for peers' : ''}`,
    `${documents.length} ${documents.length === 1 ? 'document' : 'documents'}, ${sizeWords(documents.reduce((sum, { bytes }) => sum + bytes, 0))}`,
  ]
  return [...lines, ...documents.map(documentWords)].join('\n')
}

/** Returns a document's state as one line. */
export function documentWords(document: DocumentState): string {
  const { id, label, fingerprint, running, sessions, changes, bytes, snapshot, peers } = document
  const { damaged, full, problem } = document
  const facts = [
    `${changes} changes of ${sessions} sessions`,
    `${sizeWords(bytes)}${snapshot > 0 ? ` and a snapshot of ${sizeWords(snapshot)}` : ''}`,
    `${peers} connected`,
    `known there as ${fingerprint}`,
  ]
  if (damaged) facts.push('DAMAGED, being mended')
  if (full) facts.push(`FULL (${full})`)
  if (problem) facts.push(terminalText(problem))
  return `${id.slice(0, 16)}  ${terminalText(label) || '–'}  ${running ? facts.join(', ') : 'not opened'}`
}

/** Returns the state in the text format of Prometheus, version 0.0.4. `memory`: resident bytes. */
export function metrics({ upFor, network, documents }: KeeperState, memory: number): string {
  const all = (of: (document: DocumentState) => number) => documents.reduce((sum, one) => sum + of(one), 0)
  const gauges: [name: string, help: string, value: number][] = [
    ['uptime_seconds', 'Seconds since the start.', upFor / 1000],
    ['online', '1 while nodes of the network answer.', network === 'online' ? 1 : 0],
    ['documents', 'Documents that are kept.', documents.length],
    [
      'documents_full',
      'Documents that take nothing new for want of room.',
      all(({ full }) => (full ? 1 : 0)),
    ],
    [
      'documents_damaged',
      'Documents of which a part cannot be read.',
      all(({ damaged }) => (damaged ? 1 : 0)),
    ],
    ['peers', 'Connections to peers, counted for each document.', all(({ peers }) => peers)],
    ['stored_bytes', 'Bytes that count against quotas.', all(({ bytes }) => bytes)],
    ['snapshot_bytes', 'Bytes of snapshots.', all(({ snapshot }) => snapshot)],
    ['changes', 'Changes that are held.', all(({ changes }) => changes)],
    ['resident_memory_bytes', 'Memory of the process.', memory],
  ]
  return gauges
    .flatMap(([name, help, value]) => [
      `# HELP swarmpad_keeper_${name} ${help}`,
      `# TYPE swarmpad_keeper_${name} gauge`,
      `swarmpad_keeper_${name} ${value}`,
    ])
    .join('\n')
    .concat('\n')
}

function spanWords(span: number): string {
  const minutes = Math.floor(span / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}
