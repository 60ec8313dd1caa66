import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

let seen: Interfaces = {}

/**
 * Returns the network interfaces of this computer, with their addresses; those last seen if the system fails
 * to list them, as when this process has no file descriptor left. Callers ask again later. Never throws.
 */
export function interfacesNow(): Interfaces {
  try {
    seen = networkInterfaces()
  } catch {
    // Keeps those last seen.
  }
  return seen
}
