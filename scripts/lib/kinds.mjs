import { availableParallelism } from 'node:os'

const cores = availableParallelism()

/**
 * The kinds of test, each in a folder of its name under test/. Those of one lane run one after the other; the lanes
 * run beside each other, so that some compute while others wait for networks and windows. `files` is how many files of
 * a kind run at once. `minutes` bounds one test: wide, since it ends what hangs, and a busy machine is no failure.
 */
export const kinds = [
  { name: 'unit', lane: 'computing', files: cores, minutes: 5 },
  { name: 'contract', lane: 'computing', files: cores, minutes: 10 },
  { name: 'sim', lane: 'computing', files: cores, minutes: 20 },
  // These wait more than they compute.
  { name: 'network-local', lane: 'networks', files: 2, minutes: 20 },
  { name: 'network', lane: 'networks', files: 2, minutes: 20 },
  // These compare how long something takes with and without an attack.
  { name: 'hostile', lane: 'windows', files: 1, minutes: 20 },
  // All windows have one clipboard.
  { name: 'e2e', lane: 'windows', files: 1, minutes: 20 },
]
