import { interfacesNow } from './interfaces'

/**
 * How a peer is reached: on this computer, on the same local network, straight over the internet, or
 * through a relay.
 */
export type Route = 'local' | 'lan' | 'direct' | 'relayed'

/** Returns the route to an IPv4 or IPv6 address that is not a relay's. `own`: this computer's addresses. */
export function routeTo(host: string, own: readonly string[]): Exclude<Route, 'relayed'> {
  if (own.includes(host) || /^127\./.test(host) || host === '::1') return 'local'
  return isPrivate(host) ? 'lan' : 'direct'
}

/** Returns the addresses of this computer. */
export function ownAddresses(): string[] {
  return Object.values(interfacesNow()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  )
}

/** Those of this computer's addresses that are not on the machine itself. */
export function outsideAddresses(): string[] {
  return Object.values(interfacesNow()).flatMap((addresses) =>
    (addresses ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
  )
}

/** Addresses that mean nothing outside a local network: RFC 1918, RFC 3927, RFC 4193, RFC 4291. */
function isPrivate(host: string): boolean {
  if (host.includes(':')) return /^(fe[89ab]|f[cd])/i.test(host)
  const [first = 0, second = 0] = host.split('.').map(Number)
  return (
    first === 10 ||
    (first === 172 && second >= 16 && second <= 31) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254)
  )
}
