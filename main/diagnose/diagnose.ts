import type { NetworkReport } from '../../preload/contract/network'
import { networkText } from '../../preload/network-words'
import { systemEnvironment } from '../base/environment'
import { SwarmNetwork } from '../network/swarm-network'
import { harden } from '../sync/wire/hardened-mux'
import { networkReport } from './network-report'

/** Maximum time to learn how peers see this computer, in ms. */
const limit = 15_000
/** Interval at which the report is checked, in ms. */
const interval = 250
/** Minimum time to listen to the local network, in ms. */
const listening = 3_000

/** Result of a network diagnosis. */
export interface Diagnosis {
  /** Lines for a terminal, without secrets. */
  readonly text: string
  /** A node of the DHT answers. */
  readonly reached: boolean
}

/**
 * Joins the network without any document, reports on it, and leaves it. Takes at most 15 s, and a few seconds to
 * leave.
 */
export async function diagnose(options: {
  bootstrap?: readonly { host: string; port: number }[]
  lan?: boolean
}): Promise<Diagnosis> {
  const { clock } = systemEnvironment
  const network = new SwarmNetwork({
    environment: systemEnvironment,
    guard: harden,
    lan: options.lan ?? false,
    relayBudget: null,
    ...(options.bootstrap ? { bootstrap: [...options.bootstrap] } : {}),
  })
  const begun = clock.now()
  await network.open()
  let report = networkReport(network, [], null)
  while (!isEnough(report, clock.now() - begun)) {
    await new Promise<void>((resolve) => clock.set(interval, resolve))
    report = networkReport(network, [], null)
  }
  await network.close()
  return { text: networkText(report, clock.now()), reached: report.nodes > 0 && report.state === 'online' }
}

function isEnough({ state, nat, lan }: NetworkReport, spent: number): boolean {
  if (spent >= limit) return true
  if (lan.on && spent < listening) return false
  return state === 'unreachable' || (state === 'online' && nat !== 'unknown')
}
