import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'

/** Returns the reason why no keyring can run here; null if one can. */
export function missingForKeyring(): string | null {
  if (process.platform !== 'linux') return 'this is no Linux'
  for (const program of ['dbus-daemon', 'gnome-keyring-daemon', 'dbus-send'])
    try {
      execFileSync('which', [program], { stdio: 'ignore' })
    } catch {
      return `${program} is not installed here`
    }
  return null
}

/** A message bus of its own that starts nothing by itself. */
const busConfig = (folder: string) => `<busconfig>
  <type>session</type>
  <listen>unix:dir=${folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

/** A person's session with a real keyring (GNOME's), apart from the one of whoever runs the tests. */
export class SecretService {
  private readonly folder: string
  private bus: ChildProcess | null = null
  private keyring: ChildProcess | null = null
  private address = ''

  /** `folder` is what stands for the person's home. */
  constructor(folder: string) {
    this.folder = folder
  }

  /** Environment variables for a program in this session. */
  get env(): Record<string, string> {
    return {
      DBUS_SESSION_BUS_ADDRESS: this.address,
      HOME: this.folder,
      XDG_RUNTIME_DIR: this.folder,
      XDG_DATA_HOME: join(this.folder, 'data'),
    }
  }

  /** Logs in: the bus comes up, and with it the keyring, unlocked. */
  async open(): Promise<void> {
    mkdirSync(join(this.folder, 'data', 'keyrings'), { recursive: true, mode: 0o700 })
    const config = join(this.folder, 'bus.conf')
    writeFileSync(config, busConfig(this.folder))
    this.bus = spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--print-address=1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (!this.bus.stdout) throw new Error('the bus has no output')
    const [line] = (await once(createInterface({ input: this.bus.stdout }), 'line')) as [string]
    this.address = line
    await this.bringKeyring()
  }

  /** Starts the keyring. */
  async bringKeyring(): Promise<void> {
    const env = { ...process.env, ...this.env }
    this.keyring = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env,
    })
    this.keyring.stdin?.end('the password of a login')
    await expect.poll(() => this.isThere(env)).toBe(true)
  }

  /** Ends the keyring. */
  async takeKeyring(): Promise<void> {
    await end(this.keyring)
    this.keyring = null
  }

  /** Logs out. */
  async close(): Promise<void> {
    await this.takeKeyring()
    await end(this.bus)
    this.bus = null
  }

  private isThere(env: NodeJS.ProcessEnv): boolean {
    const call = ['org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets']
    const to = ['--session', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus']
    return execFileSync('dbus-send', [...to, ...call], { env, encoding: 'utf8' }).includes('true')
  }
}

async function end(child: ChildProcess | null): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
