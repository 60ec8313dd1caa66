import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Functions that another process offers, by name. Arguments and results are plain data. */
export type Calls = Record<string, (...args: never[]) => unknown>

interface Request {
  readonly id: number
  readonly name: string
  readonly args: unknown[]
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }

/** How long a process may take to end by itself, in ms. */
const endLimit = 15_000

/** A process that this bench started: one of the programs built beside it. */
export class Child<Offered extends Calls> {
  private readonly child: ChildProcess
  private readonly waiting = new Map<number, (answer: Answer) => void>()
  private asked = 0

  /** Starts it. `program`: the name of its file, without its ending. */
  constructor(program: string, env: Record<string, string> = {}) {
    const file = fileURLToPath(new URL(`./${program}.js`, pathToFileURL(process.argv[1] ?? '')))
    this.child = fork(file, [], {
      execArgv: ['--expose-gc'],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.child.on('message', (message) => {
      const answer = message as Answer
      this.waiting.get(answer.id)?.(answer)
    })
    this.child.on('exit', (code, signal) => {
      for (const [id, take] of this.waiting) take({ id, error: `a process ended with ${code ?? signal}` })
    })
  }

  /** Calls one of its functions. Rejects with its error, when the process ends, and after `limit` ms. */
  async ask<Name extends keyof Offered & string>(
    name: Name,
    args: Parameters<Offered[Name]>,
    limit = 180_000,
  ): Promise<Awaited<ReturnType<Offered[Name]>>> {
    const id = ++this.asked
    const answer = await new Promise<Answer>((resolve) => {
      const late = setTimeout(() => resolve({ id, error: `no answer within ${limit / 1_000} s` }), limit)
      this.waiting.set(id, (given) => {
        clearTimeout(late)
        this.waiting.delete(id)
        resolve(given)
      })
      if (!this.child.connected) this.waiting.get(id)?.({ id, error: 'a process has ended' })
      else this.child.send({ id, name, args } satisfies Request)
    })
    if ('error' in answer) throw new Error(`${name}: ${answer.error}`)
    return answer.value as Awaited<ReturnType<Offered[Name]>>
  }

  /** Closes the line to it, at which it ends; ends it by its id when that takes too long. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    const late = setTimeout(() => this.child.kill('SIGKILL'), endLimit)
    if (this.child.connected) this.child.disconnect()
    await ended
    clearTimeout(late)
  }
}

/** Answers the calls of the process that started this one; runs `close` and ends when that is done. */
export function offer(calls: Calls, close: () => Promise<void>): void {
  process.on('message', async (message) => {
    const { id, name, args } = message as Request
    const call = calls[name] as ((...args: unknown[]) => unknown) | undefined
    const answer = await (async (): Promise<Answer> => {
      try {
        if (!call) throw new Error('not offered')
        return { id, value: await call(...args) }
      } catch (error) {
        return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
      }
    })()
    if (process.connected) process.send?.(answer)
  })
  process.once('disconnect', async () => {
    await close().catch(() => undefined)
    process.exit(0)
  })
}
