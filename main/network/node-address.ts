import { SwarmpadError } from '../base/errors'

/** A node of the DHT: a host's name or IPv4 address, and a UDP port. */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

/** Reads `HOST:PORT`. Throws NODE_INVALID. */
export function parseNode(text: string): NodeAddress {
  const match = /^([a-z0-9][a-z0-9.-]{0,252}):(\d{1,5})$/i.exec(text.trim())
  const port = Number(match?.[2])
  if (!match?.[1] || port < 1 || port > 65_535)
    throw new SwarmpadError('NODE_INVALID', { text: text.slice(0, 60) })
  return { host: match[1], port }
}

/** A node's address as `parseNode` reads it. */
export const formatNode = ({ host, port }: NodeAddress): string => `${host}:${port}`
