import { cpus } from 'node:os'

/** Share of the machine's processors above which it has other work. */
const busyShare = 0.5

/**
 * Returns a function that tells if the processors of this machine were busy for half of the time or more since its last
 * call; true at the first.
 */
export function machineLoad(): () => boolean {
  let last: { idle: number; all: number } | null = null
  return () => {
    let [idle, all] = [0, 0]
    for (const { times } of cpus()) {
      idle += times.idle
      for (const time of Object.values(times)) all += time
    }
    const before = last
    last = { idle, all }
    return !before || all === before.all || (idle - before.idle) / (all - before.all) < 1 - busyShare
  }
}
