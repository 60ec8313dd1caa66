import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

let seen: Interfaces = {}

/**
 * The network interfaces of this computer, with their addresses. Where the system does not tell, as when this process
 * has no file descriptor left, those that were seen last: who needs to know asks again later. Never throws.
 */
export function interfacesNow(): Interfaces {
  try {
    seen = networkInterfaces()
  } catch {
    // As before.
  }
  return seen
}
