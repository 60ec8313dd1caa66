import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './lib/run.mjs'

/**
 * Allowed imports between rooms. A file belongs to the longest matching path prefix.
 * Everything may import `shared`.
 */
const rooms = {
  'main/keys': ['main/keys'],
  'main/log': ['main/log', 'main/keys', 'main/storage/store.ts', 'main/storage/delete-ranges.ts'],
  'main/base': ['main/base'],
  'main/storage': ['main/storage'],
  'main/network': ['main/network'],
  // It runs in the worker thread; the main thread takes types from it, and what runs no Automerge.
  'main/replica': ['main/replica', 'main/log', 'main/keys'],
  'main/document': ['main/document', 'main/replica', 'main/log', 'main/keys'],
  'main/sync': [
    'main/sync',
    'main/log',
    'main/keys',
    'main/storage/store.ts',
    'main/network/network.ts',
    'main/network/route.ts',
  ],
  // It has nothing that could read a document.
  'main/keeper': [
    'main/keeper',
    'main/keys',
    'main/log',
    'main/sync',
    'main/network',
    'main/storage',
    'main/repo/forget-document.ts',
    'main/repo/noted-store.ts',
    'main/storage/disk-space.ts',
    'main/network/run-relay.ts',
    'main/keys/terminal-text.ts',
    'package.json',
  ],
  'main/electron': ['main'],
  main: ['main'],
  preload: ['preload'],
  renderer: ['renderer'],
}
const shared = [
  'main/base',
  'preload/contract',
  'preload/left-out-words',
  'preload/names',
  'preload/network-words',
  'preload/text',
  'preload/text-difference',
]

/** The packages that one room alone may use: each big library is wrapped once. */
const wrapped = [
  { packages: /^electron$/, rooms: ['main/electron', 'main/index.ts', 'preload/index.ts'] },
  { packages: /^@automerge\//, rooms: ['main/replica'] },
  { packages: /^(hyperswarm|hyperdht|blind-relay)$/, rooms: ['main/network'] },
  { packages: /^protomux$/, rooms: ['main/sync'] },
  { packages: /^classic-level$/, rooms: ['main/storage'] },
  {
    packages: /^svelte(\/|$)/,
    rooms: ['renderer/main.ts', 'renderer/App.svelte', 'renderer/components', 'renderer/state'],
  },
  { packages: /^@codemirror\/(view|commands|search|language|lang-)/, rooms: ['renderer/editor'] },
  { packages: /^(node:|electron)/, rooms: ['main', 'preload/index.ts'] },
]

const problems = []
for (const file of sources()) {
  const text = readFileSync(join(root, file), 'utf8')
  for (const [, from] of text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g)) check(file, from)
}
for (const problem of problems) console.error(problem)
console.log(`layers: ${problems.length} violations`)
process.exit(problems.length === 0 ? 0 : 1)

function* sources() {
  for (const folder of ['main', 'preload', 'renderer'])
    for (const name of readdirSync(join(root, folder), { recursive: true }))
      if (/\.(ts|svelte)$/.test(name) && !name.endsWith('.d.ts')) yield join(folder, name)
}

function check(file, from) {
  if (from.startsWith('.')) {
    const target = relative(root, join(root, file, '..', from))
    const room = Object.keys(rooms)
      .filter((path) => within(file, path))
      .sort((a, b) => b.length - a.length)[0]
    const allowed = [...(rooms[room] ?? []), ...shared]
    if (!allowed.some((path) => within(target, path) || `${target}.ts` === path))
      problems.push(`${file} must not import ${target}`)
  } else {
    for (const { packages, rooms } of wrapped)
      if (packages.test(from) && !rooms.some((path) => within(file, path)))
        problems.push(`${file} must not import ${from}`)
  }
}

function within(file, path) {
  return file === path || file.startsWith(`${path}/`)
}
