import type { DnsPacket, DnsRecord } from 'multicast-dns'
import { fromHex, hex } from '../base/hex'

/** The service under which Swarmpad is announced on a local network. Rule N1. */
export const serviceName = '_swarmpad._udp.local'

/** How long an announcement holds, in seconds. */
const lifetime = 120

/** Maximum number of records read from one answer; Swarmpad's own answers have three. */
const maxRecords = 64

/** Announcement of a run of Swarmpad on the local network. */
export interface Announcement {
  /** Their key on the network, 32 bytes, fresh for each run. */
  readonly publicKey: Uint8Array
  readonly port: number
  /** The announcement is withdrawn. */
  readonly leaving: boolean
}

/** Returns the records that announce a run of Swarmpad, or withdraw it. They name no document or person. */
export function announce({ publicKey, port, leaving }: Announcement): DnsRecord[] {
  const name = `${hex(publicKey).slice(0, 16)}.${serviceName}`
  const ttl = leaving ? 0 : lifetime
  return [
    { name: serviceName, type: 'PTR', ttl, data: name },
    { name, type: 'SRV', ttl, data: { port, target: 'swarmpad.local', priority: 0, weight: 0 } },
    { name, type: 'TXT', ttl, data: [`key=${hex(publicKey)}`] },
  ]
}

/** True if a query asks for Swarmpad. */
export const asksForSwarmpad = ({ questions }: DnsPacket): boolean =>
  questions.some(({ name, type }) => name === serviceName && (type === 'PTR' || type === 'ANY'))

/** The announcements in an answer from the local network; others' records and malformed ones are skipped. */
export function readAnnouncements({ answers }: DnsPacket): Announcement[] {
  const found: Announcement[] = []
  const records = answers.slice(0, maxRecords)
  for (const { name, type, ttl, data } of records) {
    if (type !== 'TXT' || !name.endsWith(`.${serviceName}`)) continue
    const publicKey = keyIn(data)
    const port = portIn(records.find((other) => other.type === 'SRV' && other.name === name)?.data)
    if (publicKey && port) found.push({ publicKey, port, leaving: ttl === 0 })
  }
  return found
}

function keyIn(data: unknown): Uint8Array | null {
  const lines: unknown[] = Array.isArray(data) ? data : []
  for (const line of lines) {
    const key =
      line instanceof Uint8Array ? /^key=([0-9a-f]{64})$/.exec(Buffer.from(line).toString('latin1')) : null
    if (key?.[1]) return fromHex(key[1])
  }
  return null
}

function portIn(data: unknown): number | null {
  const { port } = (typeof data === 'object' && data ? data : {}) as { port?: unknown }
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null
}
