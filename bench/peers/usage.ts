import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Resources a process has used since it started. */
export interface Usage {
  /** Ms of processor time, of all threads. */
  readonly cpu: number
  /** Resident memory now, after garbage was collected, and the most there ever was; bytes. */
  readonly memory: number
  readonly peak: number
  /** Bytes written to disk; null where the system does not count them. */
  readonly written: number | null
}

/** A moment, in ms; comparable among the processes of this machine. */
export const moment = (): number => Number(process.hrtime.bigint()) / 1e6

/** Resources used by this process. `collect`: collects garbage first, which costs processor time. */
export function usage(collect: boolean): Usage {
  const { user, system } = process.cpuUsage()
  if (collect) globalThis.gc?.()
  return {
    cpu: (user + system) / 1_000,
    memory: process.memoryUsage.rss(),
    peak: process.resourceUsage().maxRSS * 1024,
    written: writtenBytes(),
  }
}

/** Bytes and packets received on the loopback device since the machine, or its namespace, started; null where unknown. */
export function loopback(): { bytes: number; packets: number } | null {
  if (process.platform !== 'linux') return null
  const line = readFileSync('/proc/net/dev', 'utf8').match(/^\s*lo:\s*(\d+)\s+(\d+)/m)
  return line ? { bytes: Number(line[1]), packets: Number(line[2]) } : null
}

/** Packets a second on the loopback device during some ms; null where they are not counted. */
export async function packetsDuring(span: number): Promise<number | null> {
  const before = loopback()
  await pause(span)
  const after = loopback()
  return before && after && ((after.packets - before.packets) * 1_000) / span
}

function writtenBytes(): number | null {
  if (process.platform !== 'linux') return null
  const written = /^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]
  return written === undefined ? null : Number(written)
}
