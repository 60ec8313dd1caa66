import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './lib/run.mjs'

/** Rooms that every other room of main/ may use. */
const common = ['main/base', 'main/keys']

/**
 * The rooms and, for each, what it may import besides itself and what is common or shared. A file belongs to
 * the longest matching path.
 */
const rooms = {
  'main/base': [],
  'main/keys': ['main/base'],
  'main/storage': [],
  'main/network': [],
  // Of the store they see its interface alone.
  'main/log': ['main/storage/store.ts', 'main/storage/delete-ranges.ts'],
  'main/sync/budget': [],
  'main/sync/wire': ['main/sync/budget', 'main/log/format', 'main/log/snapshots', 'main/network/network.ts'],
  'main/sync/matching': ['main/sync/wire', 'main/sync/budget', 'main/network/network.ts'],
  'main/sync/presence': ['main/sync/wire', 'main/log/format'],
  'main/sync/state': [
    'main/sync/wire',
    'main/sync/budget',
    'main/log',
    'main/network/network.ts',
    'main/network/route.ts',
  ],
  'main/sync/transfer': ['main/sync/state', 'main/sync/wire', 'main/sync/budget', 'main/log'],
  'main/sync/replicas': [
    'main/sync/presence',
    'main/sync/state',
    'main/sync/wire',
    'main/sync/budget',
    'main/log',
    'main/storage/store.ts',
  ],
  'main/sync': ['main/log', 'main/storage/store.ts', 'main/network/network.ts'],
  'main/repo': ['main/log', 'main/sync', 'main/storage', 'main/network/network.ts'],
  // It runs in the worker thread; the main thread takes types from it, and what runs no Automerge.
  'main/replica': ['main/log'],
  'main/document': ['main/replica', 'main/log'],
  'main/profile': ['main/storage/store.ts', 'main/network/network.ts'],
  'main/library': [
    'preload/contract',
    'main/profile',
    'main/storage/store.ts',
    'main/storage/delete-ranges.ts',
    'main/document/edit-journal.ts',
    'main/document/journal-record.ts',
  ],
  // The other files of it run in a worker thread.
  'main/search': [
    'preload/contract',
    'main/library/cached-text.ts',
    'main/library/text-records.ts',
    'main/profile/vault.ts',
  ],
  'main/files': ['preload/contract', 'preload/messages', 'main/library/import-records.ts'],
  'main/personal': [
    'preload/contract',
    'main/log',
    'main/document',
    'main/replica',
    'main/profile',
    'main/storage/store.ts',
  ],
  'main/backup': [
    'preload/messages',
    'preload/contract',
    'main/log',
    'main/library',
    'main/profile',
    'main/repo/lower-part.ts',
  ],
  'main/pairing': [
    'preload/contract',
    'preload/messages',
    'main/log',
    'main/sync',
    'main/network/network.ts',
    'main/library',
    'main/profile',
  ],
  'main/workspace': [
    'preload/contract',
    'preload/messages',
    'main/repo',
    'main/log',
    'main/sync',
    'main/storage',
    'main/network',
    'main/replica',
    'main/document',
    'main/profile',
    'main/library',
    'main/files',
    'main/backup',
    'main/pairing',
    'main/search',
    'main/personal',
    'main/diagnose',
  ],
  'main/diagnose': ['preload/contract', 'main/network', 'main/sync'],
  'main/relay': ['main/network', 'main/sync'],
  // It has nothing that could read a document.
  'main/keeper': [
    'preload/messages',
    'main/relay',
    'main/repo',
    'main/log',
    'main/sync',
    'main/network',
    'main/storage',
    'package.json',
  ],
  'main/electron': ['main', 'preload/contract', 'preload/messages'],
  'main/headless.ts': ['main', 'preload/contract', 'preload/messages'],
  'main/index.ts': ['main', 'preload/contract', 'preload/messages'],
  preload: ['preload'],
  renderer: ['renderer', 'preload/contract', 'preload/messages'],
  // They know no feature, so that a feature can use them.
  'renderer/components': ['preload/contract', 'preload/messages'],
  'renderer/editor': ['preload/contract', 'preload/messages'],
}

const shared = [
  'preload/commands',
  'preload/emitter',
  'preload/messages/codes',
  'preload/left-out-words',
  'preload/names',
  'preload/network-words',
  'preload/text',
  'preload/text-difference',
]

/** Folders of which files outside see one file only. */
const entries = { 'main/storage/leveldb-repair': 'main/storage/leveldb-repair/open-repaired.ts' }

/** The packages that one room alone may use: each big library is wrapped once. */
const wrapped = [
  { packages: /^electron$/, rooms: ['main/electron', 'main/index.ts', 'preload/index.ts'] },
  { packages: /^@automerge\//, rooms: ['main/replica'] },
  { packages: /^(hyperswarm|hyperdht|blind-relay)$/, rooms: ['main/network'] },
  { packages: /^protomux$/, rooms: ['main/sync'] },
  { packages: /^classic-level$/, rooms: ['main/storage'] },
  {
    packages: /^svelte(\/|$)/,
    rooms: [
      'renderer/main.ts',
      'renderer/App.svelte',
      'renderer/components',
      'renderer/features',
      'renderer/state',
    ],
  },
  {
    packages: /^@codemirror\/(view|commands|search|language|lang-)/,
    rooms: ['renderer/editor', 'renderer/features'],
  },
  { packages: /^@tanstack\//, rooms: ['renderer/components'] },
  { packages: /^(unified|rehype-|remark-|hast|mdast)/, rooms: ['renderer/features/clipboard'] },
  { packages: /^(node:|electron)/, rooms: ['main', 'preload/index.ts'] },
]

const problems = []
/** For each file, the files that it imports. */
const imports = new Map()
for (const file of sources()) {
  const room = roomOf(file)
  if (!room) problems.push(`${file} is in no room`)
  const text = readFileSync(join(root, file), 'utf8')
  const found = [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g)].map(([, from]) => from)
  for (const from of found) check(file, room, from)
  imports.set(
    file,
    found.map((from) => fileOf(file, from)).filter((path) => path !== null),
  )
}
for (const circle of circles(imports)) problems.push(`These files import each other: ${circle.join(', ')}`)
for (const circle of circles(roomImports()))
  problems.push(`These rooms import each other: ${circle.join(', ')}`)
for (const problem of problems) console.error(problem)
console.log(`layers: ${problems.length} violations`)
process.exit(problems.length === 0 ? 0 : 1)

function* sources() {
  for (const folder of ['main', 'preload', 'renderer'])
    for (const name of readdirSync(join(root, folder), { recursive: true }))
      if (/\.(ts|svelte)$/.test(name) && !name.endsWith('.d.ts')) yield join(folder, name)
}

function check(file, room, from) {
  if (from.startsWith('.')) {
    const target = relative(root, join(root, dirname(file), from))
    const free = file.startsWith('main/') && !common.includes(room) ? common : []
    const allowed = [room, ...(rooms[room] ?? []), ...free, ...shared]
    if (!allowed.some((path) => within(target, path) || `${target}.ts` === path))
      problems.push(`${file} must not import ${target}`)
    for (const [folder, entry] of Object.entries(entries))
      if (within(target, folder) && !within(file, folder) && fileOf(file, from) !== entry)
        problems.push(`${file} must import ${entry} instead of ${target}`)
  } else {
    for (const { packages, rooms } of wrapped)
      if (packages.test(from) && !rooms.some((path) => within(file, path)))
        problems.push(`${file} must not import ${from}`)
  }
}

function roomOf(file) {
  return Object.keys(rooms)
    .filter((path) => within(file, path))
    .sort((a, b) => b.length - a.length)[0]
}

/** Returns the file that an import means; null for a package. */
function fileOf(file, from) {
  if (!from.startsWith('.')) return null
  const path = join(dirname(file), from)
  return (
    ['.ts', '.svelte.ts', ''].map((end) => path + end).find((each) => existsSync(join(root, each))) ?? null
  )
}

/** For each room, the other rooms that its files import. */
function roomImports() {
  const graph = new Map(Object.keys(rooms).map((room) => [room, []]))
  for (const [file, targets] of imports)
    for (const target of targets) {
      const [from, to] = [roomOf(file), roomOf(target)]
      if (from && to && from !== to && !graph.get(from).includes(to)) graph.get(from).push(to)
    }
  return graph
}

/** Returns the sets of nodes that reach each other. Tarjan's strongly connected components. */
function circles(graph) {
  const order = new Map()
  const low = new Map()
  const stack = []
  const found = []
  const visit = (node) => {
    order.set(node, order.size)
    low.set(node, order.get(node))
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)))
    }
    if (low.get(node) !== order.get(node)) return
    const circle = stack.splice(stack.indexOf(node))
    if (circle.length > 1) found.push(circle)
  }
  for (const node of graph.keys()) if (!order.has(node)) visit(node)
  return found
}

function within(file, path) {
  return file === path || file.startsWith(`${path}/`)
}
