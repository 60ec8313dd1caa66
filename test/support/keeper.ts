import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { Child } from './child-program'

const program = resolve('out/main/keeper.js')

/** Output and exit code of a keeper command. */
export interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs one of the keeper's commands to its end. */
export function keeper(args: readonly string[], input = ''): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err })
    })
    child.stdin?.end(input)
  })
}

/** Starts a keeper. */
export function startKeeper(directory: string, args: readonly string[]): Child {
  return new Child(
    spawn(process.execPath, [program, 'run', '--profile', directory, '--log', 'json', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }) as ChildProcessByStdio<never, Readable, null>,
  )
}

/** Starts a keeper and waits until it keeps. */
export async function runKeeper(directory: string, args: readonly string[]): Promise<Child> {
  const child = startKeeper(directory, args)
  for (let count = 1; ; count++) {
    await child.until(count)
    if (child.lines.some((line) => JSON.parse(line).message === 'Keeping')) return child
  }
}

/** All of a process's memory that can be written to, as Linux shows it. */
export async function memoryOf(pid: number): Promise<[name: string, content: Buffer][]> {
  const file = await open(`/proc/${pid}/mem`)
  try {
    const regions: [string, Buffer][] = []
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from = '', to = '', rights] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? []
      if (!rights?.startsWith('rw')) continue
      const [start, end] = [Number.parseInt(from, 16), Number.parseInt(to, 16)]
      // Reserved, and far from all in use: only what can be read comes back.
      const bytes = Buffer.alloc(Math.min(end - start, 512 * 1024 * 1024))
      const read = await file.read(bytes, 0, bytes.length, start).catch(() => null)
      if (read) regions.push([line, bytes.subarray(0, read.bytesRead)])
    }
    return regions
  } finally {
    await file.close()
  }
}
