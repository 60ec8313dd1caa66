import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Tells why networks cannot be built here, in words for whoever reads the test run; null if they can. */
export function whyNoLab(): string | null {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  for (const tool of ['unshare', 'nsenter', 'ip', 'iptables'])
    if (!succeeds('sh', ['-c', `command -v ${tool}`])) return `the program ${tool} is not installed`
  const trial = [
    'ip link add trial0 type veth peer name trial1',
    'iptables -t nat -A POSTROUTING -o trial0 -j MASQUERADE --random-fully',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
  ]
  return succeeds('unshare', ['--net', 'sh', '-ec', trial.join('\n')])
    ? null
    : 'this user may not make network namespaces with a NAT'
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * A network stack of its own, with no way out but what is put between it and others. It lasts as long as a
 * process that waits for the end of its input, so it goes away with the test run however that ends.
 */
export class Namespace {
  private readonly holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.holder = holder
  }

  static async make(): Promise<Namespace> {
    const script = 'ip link set lo up && echo ready && exec cat'
    const holder = spawn('unshare', ['--net', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    const early = once(holder, 'close').then(() => {
      throw new Error('a network namespace could not be made')
    })
    await Promise.race([once(holder.stdout, 'data'), early])
    early.catch(() => undefined)
    return new Namespace(holder)
  }

  /** Prefix that runs a command in this namespace. */
  get prefix(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.holder.pid}/ns/net`]
  }

  /** Runs lines of shell in here; rejects when one fails. Resolves to what they printed. */
  async shell(...lines: readonly string[]): Promise<string> {
    const [command = '', ...args] = [...this.prefix, 'sh', '-ec', lines.join('\n')]
    return (await execute(command, args)).stdout
  }

  /** Lays a cable to another namespace, with the name that each end has there. */
  async connect(name: string, other: Namespace, nameThere: string): Promise<void> {
    await this.shell(
      `ip link add ${name} type veth peer name ${nameThere} netns ${other.holder.pid}`,
      `ip link set ${name} up`,
    )
    await other.shell(`ip link set ${nameThere} up`)
  }

  /** Takes it away, with its cables, when nothing runs in it any more. */
  async remove(): Promise<void> {
    if (this.holder.exitCode !== null) return
    const ended = once(this.holder, 'close')
    this.holder.stdin?.end()
    await ended
  }
}
