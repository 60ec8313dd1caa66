import type { NetworkReport } from '../../preload/contract/network'
import type { Profile } from '../../preload/contract/profile'
import { hex } from '../base/hex'
import { SerialQueue } from '../base/serial-queue'
import { networkReport } from '../diagnose/network-report'
import type { Network } from '../network/network'
import { parseNode } from '../network/node-address'
import { relayKeyFrom } from '../network/relay-key'
import type { PeerState } from '../sync/state/peer-state'
import type { Person } from './person'

/** Uses the network as the person set it, and leaves it while they are offline or the machine sleeps. */
export class NetworkUse {
  private readonly network: Network
  private readonly person: Person
  private readonly flush: () => Promise<void>
  /** Leaving the network and coming back, one after the other. */
  private readonly moves = new SerialQueue()

  /** `flush` saves what was typed, before the network is left. */
  constructor(options: { network: Network; person: Person; flush: () => Promise<void> }) {
    this.network = options.network
    this.person = options.person
    this.flush = options.flush
  }

  /** Joins the network, unless the person chose to work offline. */
  async open(): Promise<void> {
    const { offline, network } = this.person.record
    await this.network.configure(network)
    if (!offline) await this.network.open()
  }

  /** Changes how the network is used, now and at the next start. Rejects with NODE_INVALID or RELAY_INVALID. */
  async configure({ lan, bootstrap, relays }: Profile['network']): Promise<Profile> {
    const network = {
      lan,
      bootstrap: bootstrap.map(parseNode),
      relays: relays.map((key) => hex(relayKeyFrom(key))),
    }
    await this.person.change({ network })
    await this.network.configure(network)
    return this.person.changed()
  }

  /** Leaves the network or comes back; typing goes on either way. */
  async setOffline(offline: boolean): Promise<Profile> {
    const noted = this.person.change({ offline })
    try {
      // Also where the disk refuses to note it: the switch does what it says.
      await Promise.all([noted, offline ? this.suspend() : this.resume()])
      return this.person.profile()
    } finally {
      this.person.changed()
    }
  }

  /** Saves what was typed and leaves the network. */
  suspend(): Promise<void> {
    return this.moves.run(async () => {
      await this.flush()
      await this.network.suspend()
    })
  }

  /** Comes back, unless the person chose to work offline. */
  resume(): Promise<void> {
    return this.moves.run(async () => {
      if (!this.person.record.offline) await this.network.open()
    })
  }

  /** Returns the state of the network, with these peers as this person sees them. */
  report(peers: readonly PeerState[]): NetworkReport {
    return networkReport(this.network, peers, this.person.record.identity)
  }
}
