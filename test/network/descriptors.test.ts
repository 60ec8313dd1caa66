import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Child, ChildProgram } from '../support/child-program'
import { Namespace, whyNoLab } from '../support/lab/namespace'
import { waitFor } from '../support/lab/wait-for'

const limit = 60_000
/** File descriptors that the keeper may have. */
const most = 60
const address = '10.9.0.1'
/** How long it has none while the network changes, in ms: the system is asked for changes every few seconds. */
const span = 10_000
/** Takes as many connections to its metrics as it gives, until the end of its input. */
const greedy =
  "for (let n = 0; n < 200; n++) require('net').connect(47001, '127.0.0.1').on('error', () => {}); process.stdin.on('end', () => process.exit()).resume()"

const reason = whyNoLab()
if (reason) console.log(`a keeper without file descriptors is not tried: ${reason}`)

describe.skipIf(reason)('a keeper that has no file descriptors left', () => {
  let space: Namespace
  let folder: string
  let program: ChildProgram
  const running: Child[] = []
  beforeEach(async () => {
    space = await Namespace.make()
    folder = await mkdtemp(join(tmpdir(), 'swarmpad-descriptors-'))
    program = await ChildProgram.from('test/network/dht-child.ts')
  })
  afterEach(async () => {
    for (const child of running.splice(0)) await child.kill()
    await program.remove()
    await space.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const start = (child: Child): Child => {
    running.push(child)
    return child
  }
  const run = (...command: readonly string[]): Child => {
    const [name = '', ...args] = [...space.prefix, ...command]
    return start(new Child(spawn(name, args, { stdio: ['pipe', 'pipe', 'inherit'] })))
  }
  const cable = (name: string, at: string) => [
    `ip link add ${name} type veth peer name ${name}x`,
    `ip link set ${name} up`,
    `ip link set ${name}x up`,
    `ip addr add ${at}/24 dev ${name}`,
  ]
  /** Sockets that wait for multicast DNS. */
  const listening = async () => (await space.shell('cat /proc/net/udp')).match(/:14E9 /g)?.length ?? 0

  it('goes on when the network changes meanwhile, and uses the new one when it has some', {
    timeout: 4 * limit,
  }, async () => {
    await space.shell(...cable('one', address), 'ip route add default dev one')
    await start(program.startIn(space.prefix, address, address)).until(1)
    const limited = ['sh', '-c', `ulimit -n ${most}; exec "$@"`, 'sh', process.execPath]
    const keeper = run(
      ...[...limited, resolve('out/main/keeper.js'), 'run', '--profile', join(folder, 'keeper')],
      ...['--bootstrap', `${address}:49737`, '--lan', '--metrics', '47001', '--log', 'json'],
    )
    await waitFor(limit, async () => keeper.lines.some((line) => JSON.parse(line).message === 'Keeping'))
    await waitFor(limit, async () => (await listening()) === 1)
    const descriptors = async () => (await readdir(`/proc/${keeper.process.pid}/fd`)).length
    const taker = run(process.execPath, '-e', greedy)
    await waitFor(limit, async () => (await descriptors()) >= most)
    await space.shell(...cable('two', '10.9.1.1'))
    await new Promise((done) => setTimeout(done, span))
    expect(await listening()).toBe(1)
    taker.process.stdin.end()
    await waitFor(limit, async () => (await listening()) === 2)
    keeper.process.kill('SIGTERM')
    expect(await keeper.end()).toBe(0)
  })
})
