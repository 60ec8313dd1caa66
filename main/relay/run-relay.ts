import { systemEnvironment } from '../base/environment'
import { hex } from '../base/hex'
import { PlainRelay as RelayNode } from '../network/plain-relay'
import { modestBudget, type RelayBudget, type RelayState } from '../network/relay'
import { harden } from '../sync/wire/hardened-mux'

/** How to run a relay. */
export interface RunRelayOptions {
  /** 32 secret bytes, from which the relay's key follows: the same ones keep the key. */
  readonly seed: Uint8Array
  /** DHT nodes to begin with, instead of the public ones. */
  readonly bootstrap?: readonly { host: string; port: number }[]
  /** Limits of the relay; modest by default. */
  readonly budget?: RelayBudget
  /** The UDP port to use if it is free. */
  readonly port?: number
}

/** A relay at work. */
export interface PlainRelay {
  /** Hex; what others put into their settings to use it. */
  readonly publicKey: string
  /** True if everybody can reach it; a relay that only some can reach is of little use. */
  readonly isOpen: boolean
  /** Current and past traffic. */
  readonly state: RelayState
  /** Idempotent. */
  close(): Promise<void>
}

/** Runs a plain relay, which shares no document and keeps nothing. It reads nothing of what it carries. */
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
