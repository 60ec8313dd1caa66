import { readFileSync } from 'node:fs'

/** Ticks of the system's clock in a second, by which Linux counts what a process has used. */
const ticks = 100

/** Memory and CPU time of a process, as reported by Linux. */
export interface ProcessCost {
  /** Resident memory, bytes. */
  readonly memory: number
  /** Ms of a core. */
  readonly cpu: number
}

/** Returns the current memory and the CPU time so far of a process. Linux only. */
export function costOf(pid: number): ProcessCost {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
  // The name before it may have blanks in it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return { memory: Number(pages) * 4096, cpu: ((user + system) * 1_000) / ticks }
}

/**
 * Begins to watch how long this process's main thread waits for a core. The function that it returns tells how many
 * times longer the thread took since then than with a core to itself: 1 where it never waited, and where the system
 * does not tell.
 */
export function watchSlowness(): () => number {
  const before = turns()
  return () => {
    const now = turns()
    return now.ran > before.ran ? 1 + (now.waited - before.waited) / (now.ran - before.ran) : 1
  }
}

/** How long the main thread ran and waited for a core so far, in ns. */
function turns(): { ran: number; waited: number } {
  try {
    const [ran = 0, waited = 0] = readFileSync('/proc/self/schedstat', 'utf8').split(' ').map(Number)
    return { ran, waited }
  } catch {
    return { ran: 0, waited: 0 }
  }
}
