import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { build } from 'vite'

/** A process of its own that runs a program of the tests, and the lines that it prints. */
export class Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>
  readonly lines: string[] = []
  private readonly changed = new Set<() => void>()
  private ended = false

  constructor(process: ChildProcessByStdio<Writable, Readable, null>) {
    this.process = process
    const changed = () => {
      for (const listener of this.changed) listener()
    }
    createInterface({ input: process.stdout }).on('line', (line) => {
      this.lines.push(line)
      changed()
    })
    // Not 'exit': its last lines are still on their way then.
    process.on('close', () => {
      this.ended = true
      changed()
    })
  }

  /** Resolves when it has printed so many lines; rejects when it ends before. */
  until(count: number): Promise<void> {
    return this.when(() => this.lines.length >= count)
  }

  /** Waits for its end, and says how it ended: 0, another code, or a signal. */
  async end(): Promise<number | string | null> {
    if (!this.ended) await this.when(() => this.ended)
    return this.process.signalCode ?? this.process.exitCode
  }

  /** Ends it as kill -9 does. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.end()
  }

  private when(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!holds() && !this.ended) return
        this.changed.delete(check)
        if (holds()) resolve()
        else reject(new Error(`the child ended after ${this.lines.length} lines`))
      }
      this.changed.add(check)
      check()
    })
  }
}

/** A program of the tests, bundled once so that it starts quickly. */
export class ChildProgram {
  private readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Bundles a TypeScript file, named from the root of the project. */
  static async from(file: string): Promise<ChildProgram> {
    const folder = await mkdtemp(join(tmpdir(), 'swarmpad-child-'))
    await symlink(resolve('node_modules'), join(folder, 'node_modules'))
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        ssr: file,
        outDir: join(folder, 'out'),
        rollupOptions: { output: { format: 'es', entryFileNames: 'program.mjs' } },
      },
    })
    return new ChildProgram(folder)
  }

  /** Starts it; it ends at the latest with `remove`'s caller. */
  start(...parameters: string[]): Child {
    return this.startIn([], ...parameters)
  }

  /** Starts it with a command before it that runs it elsewhere. */
  startIn(prefix: readonly string[], ...parameters: string[]): Child {
    const program = join(this.folder, 'out', 'program.mjs')
    const [command = '', ...args] = [...prefix, process.execPath, program, ...parameters]
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    void once(child, 'spawn').catch(() => undefined)
    return new Child(child)
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}
