import { systemEnvironment } from '../base/environment'
import { hex } from '../base/hex'
import { PlainRelay as RelayNode } from '../network/plain-relay'
import { modestBudget, type RelayBudget, type RelayState } from '../network/relay'
import { harden } from '../sync/wire/hardened-mux'

/** Options of a relay. */
export interface RunRelayOptions {
  /** Secret seed of the relay's key, 32 bytes. */
  readonly seed: Uint8Array
  /** Bootstrap nodes of the DHT, instead of the public ones. */
  readonly bootstrap?: readonly { host: string; port: number }[]
  /** Limits of the relay; modest by default. */
  readonly budget?: RelayBudget
  /** Preferred UDP port. */
  readonly port?: number
}

/** A running relay. */
export interface PlainRelay {
  /** Key of the relay in hex, which people enter in their settings. */
  readonly publicKey: string
  /** True if every peer can reach it. */
  readonly isOpen: boolean
  /** Current and past traffic. */
  readonly state: RelayState
  /** Idempotent. */
  close(): Promise<void>
}

/** Runs a plain relay, which shares and stores no document and cannot read the traffic that it forwards. */
export async function runRelay(options: RunRelayOptions): Promise<PlainRelay> {
  const { seed, bootstrap, budget = modestBudget, port } = options
  const node = new RelayNode({
    environment: systemEnvironment,
    guard: harden,
    seed,
    budget,
    ...(bootstrap ? { bootstrap: [...bootstrap] } : {}),
    ...(port === undefined ? {} : { port }),
  })
  try {
    await node.open()
  } catch (error) {
    await node.close()
    throw error
  }
  return {
    publicKey: hex(node.publicKey),
    get isOpen() {
      return node.isOpen
    },
    get state() {
      return node.state
    },
    close: () => node.close(),
  }
}
