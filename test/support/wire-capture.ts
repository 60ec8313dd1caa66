import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { ElectronApplication } from 'playwright-core'

/** Prints every packet of UDP that crosses lo. What drives the apps, and knows all, comes by TCP. */
const packetsByPython = `
import socket, sys
packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
packets.bind(('lo', 0))
packets.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
while True:
    packet = packets.recv(1 << 16)
    if packet[23 if packet[12:14] == b'\\x08\\x00' else 20] == 17:
        sys.stdout.buffer.write(packet)
        sys.stdout.buffer.flush()
`
const ways = [
  ['tcpdump', '-i', 'lo', '-U', '-B', '65536', '-s', '0', '-w', '-', 'udp'],
  ['python3', '-c', packetsByPython],
] as const

/** How long a way of capturing may take to show its first packet, in ms. */
const startLimit = 60_000

/** All packets that cross the machine's own network, as the system sees them. */
export class WireCapture {
  private readonly child: ChildProcess
  private readonly parts: Buffer[] = []

  private constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.on('data', (data: Buffer) => this.parts.push(data))
  }

  /** Begins; null where this machine has no program for it, or does not allow it. */
  static async start(): Promise<WireCapture | null> {
    for (const [command, ...args] of ways) {
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      child.on('error', () => undefined)
      const capture = new WireCapture(child)
      if (await capture.sees('the first packet')) return capture
      await capture.stop()
    }
    return null
  }

  /** Bytes captured so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.parts)
  }

  /** Sends a packet with this word until it comes by; false when it does not. */
  async sees(word: string): Promise<boolean> {
    const socket = createSocket('udp4')
    try {
      const { child } = this
      const end = Date.now() + startLimit
      while (Date.now() < end && child.exitCode === null && child.pid !== undefined) {
        // To a port that nobody listens at.
        socket.send(word, 9, '127.0.0.1')
        await pause(20)
        if (this.bytes.includes(word)) return true
      }
      return false
    } finally {
      socket.close()
    }
  }

  /** Ends; resolves when all is there. */
  async stop(): Promise<void> {
    const { child } = this
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill()
    await closed
  }
}

/** Notes from now on all that an app hands to its sockets: what it says, before the system sees it. */
export async function recordSockets(app: ElectronApplication): Promise<() => Promise<Buffer[]>> {
  await app.evaluate(({ app }) => {
    const { createRequire } = process.getBuiltinModule('node:module')
    const require = createRequire(`${app.getAppPath()}/package.json`)
    const binding = createRequire(require.resolve('udx-native'))('../binding.js')
    const said: string[] = []
    Object.assign(globalThis, { said })
    const sends = ['socket_send_ttl', 'stream_send', 'stream_write', 'stream_writev', 'stream_write_end']
    for (const name of sends.map((name) => `udx_napi_${name}`)) {
      const send = binding[name]
      binding[name] = (...args: unknown[]) => {
        for (const arg of [args[3]].flat()) said.push(Buffer.from(arg as Uint8Array).toString('base64'))
        return send(...args)
      }
    }
  })
  return async () => {
    const said = await app.evaluate(() => (globalThis as unknown as { said: string[] }).said)
    return said.map((part) => Buffer.from(part, 'base64'))
  }
}
