import { randomBytes } from 'node:crypto'
import multicastDns from 'multicast-dns'
import { systemEnvironment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import { keysFromWrite } from '../../main/keys/derive'
import { announce, readAnnouncements, serviceName } from '../../main/network/neighbour-record'
import { SwarmNetwork } from '../../main/network/swarm-network'
import { harden } from '../../main/sync/wire/hardened-mux'
import { type Attack, Line } from '../hostile/hostile-peer'
import { answer, say } from '../support/lab/child-side'

/**
 * A hostile program on a local network. It lies by multicast DNS all the time, and pretends to share the documents
 * of everyone who dials it: it hands each what it said itself, or what others said, or guesses.
 */
const [address = '', bootstrap = '[]'] = process.argv.slice(2)
const lines = new Map<string, Line[]>()
/** Connections that lasted long after something was said on them that no honest program says. */
let lingering = 0

/** Bytes that are invalid in Protomux: they end each attack that has not ended before. */
const garbage = Buffer.alloc(40, 0xff)

const attacks: Record<string, Attack> = {
  mirrors: (line) => line.connection.stream.on('data', (data) => line.raw(data as Uint8Array)),
  pipes: (line) =>
    line.connection.stream.on('data', (data) => {
      for (const other of lines.get('pipes') ?? []) if (other !== line) other.raw(data as Uint8Array)
    }),
  guesses: (line) => line.open(keysFromWrite(randomBytes(32)), () => undefined),
}

for (const [name, attack] of Object.entries(attacks)) {
  const network = new SwarmNetwork({
    environment: systemEnvironment,
    bootstrap: JSON.parse(bootstrap),
    guard: harden,
    lan: true,
    relayBudget: null,
  })
  const met: Line[] = []
  lines.set(name, met)
  network.on('connection', (connection) => {
    // The three meet each other too.
    if (connection.remoteAddress?.host === address) {
      connection.stream.destroy()
      return
    }
    const line = new Line(connection, met.length)
    met.push(line)
    attack(line)
    setTimeout(() => line.raw(garbage), 2_000)
    setTimeout(() => {
      if (!line.ended) lingering++
    }, 10_000)
  })
  await network.open()
  network.join(randomBytes(32))
}

const multicast = multicastDns({ interface: address, bind: '0.0.0.0' })
const victims = new Map<string, Uint8Array>()
multicast.on('response', (packet, from) => {
  if (from.address !== address)
    for (const { publicKey } of readAnnouncements(packet)) victims.set(hex(publicKey), publicKey)
})
setInterval(() => {
  const name = `0000.${serviceName}`
  multicast.respond([
    { name, type: 'TXT', ttl: 120, data: [`key=${'z'.repeat(64)}`, randomBytes(200)] },
    { name, type: 'SRV', ttl: 120, data: { port: 1, target: 'swarmpad.local' } },
    { name: 'swarmpad.local', type: 'A', ttl: 120, data: '192.168.1.1' },
  ])
  // Others' keys at this address, or gone; and keys that nobody has, at a port where nobody listens.
  for (const publicKey of [...victims.values(), randomBytes(32)])
    for (const leaving of [true, false]) multicast.respond(announce({ publicKey, port: 9, leaving }))
}, 100)

const all = (): Line[] => [...lines.values()].flat()
answer({
  /** How many connections each attack got. */
  met: () => Object.fromEntries([...lines].map(([name, { length }]) => [name, length])),
  ended: () => all().filter((line) => line.ended).length,
  lingering: () => lingering,
  channels: () => all().filter((line) => line.opened).length,
  /** Number of peers whose keys it announced as its own. */
  victims: () => victims.size,
  /** True if it ever received these bytes, in hex. */
  heard: (bytes) => all().some((line) => Buffer.concat(line.bytes).includes(Buffer.from(bytes, 'hex'))),
})
say('ready')
