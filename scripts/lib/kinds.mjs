/**
 * The kinds of test, each in a folder of its name under test/. Kinds of one lane run one after the other; the lanes
 * run beside each other, so that what computes goes on while others wait for networks and windows.
 */
export const lanes = [
  ['unit', 'contract', 'sim'],
  ['network-local', 'network'],
  ['hostile', 'e2e'],
]

/** All kinds, in the order in which they are told. */
export const kinds = lanes.flat()
