import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** This bench's program once more, in a process of its own, to play a role. */
export class Role<Message> {
  private readonly child: ChildProcess
  private readonly heard: Message[] = []
  private wake: () => void = () => undefined

  /** Starts it. `options` describe the role, as JSON. */
  constructor(role: string, options: unknown, execArgv: readonly string[] = []) {
    const program = process.argv[1]
    if (!program) throw new Error('this bench has no file')
    this.child = fork(program, ['--role', role, JSON.stringify(options)], {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.child.on('message', (message) => {
      this.heard.push(message as Message)
      this.wake()
    })
    this.child.on('exit', () => this.wake())
  }

  /** The next message that `fits`; those before it are dropped. Rejects when the process ends instead. */
  async next(fits: (message: Message) => boolean = () => true): Promise<Message> {
    for (;;) {
      for (let message = this.heard.shift(); message !== undefined; message = this.heard.shift())
        if (fits(message)) return message
      if (this.child.exitCode !== null)
        throw new Error(`a part of the bench ended with ${this.child.exitCode}`)
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  /** Says something to it. */
  send(message: object): void {
    this.child.send(message)
  }

  /** Asks it to end, by closing the line to it, and waits until it has. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null) return
    const ended = once(this.child, 'exit')
    this.child.disconnect()
    await ended
  }
}

/** The options of the role that this process was started for; null for another role or none. */
export function roleOptions<Options>(role: string): Options | null {
  const index = process.argv.indexOf('--role')
  const options = process.argv[index + 2]
  return index >= 0 && process.argv[index + 1] === role && options ? (JSON.parse(options) as Options) : null
}

/** Resolves when the bench that started this process is done with it. */
export const released = (): Promise<unknown> => once(process, 'disconnect')

/** Says something to the bench that started this process. */
export function tell(message: object): void {
  process.send?.(message)
}
