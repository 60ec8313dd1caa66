import type { Peer } from 'hyperdht'
import Hyperswarm, { type PeerInfo } from 'hyperswarm'

/** Dependencies of `TopicSwarm`. */
export interface TopicSwarmOptions {
  /** Returns true for a topic by which peers that are lost are dialled again. */
  readonly isWanted: (topic: Uint8Array) => boolean
  /** Withdraws all announcements before the swarm leaves the DHT. */
  readonly withdraw: () => Promise<void>
}

/**
 * A swarm that announces and looks up nothing by itself, and is given the peers that were found. Hyperswarm would
 * announce each topic every 10 minutes, without a limit on all together.
 */
export class TopicSwarm extends Hyperswarm {
  private readonly topics: TopicSwarmOptions

  /** `options`: of Hyperswarm. */
  constructor(options: ConstructorParameters<typeof Hyperswarm>[0], topics: TopicSwarmOptions) {
    super(options)
    this.topics = topics
  }

  override clear(): Promise<void> {
    return this.topics.withdraw()
  }

  /** Dials a peer that was found by a topic, unless it is connected, or did not answer several times. */
  found(peer: Peer, topic: Uint8Array): void {
    this._handlePeer(peer, topic)
  }

  protected override _shouldRequeue(peer: PeerInfo): boolean {
    return super._shouldRequeue(peer) || (!this.destroyed && peer.topics.some(this.topics.isWanted))
  }
}

// Without these methods, peers would silently never be dialled.
for (const name of ['_handlePeer', '_shouldRequeue'])
  if (typeof Reflect.get(Hyperswarm.prototype, name) !== 'function')
    throw new Error('hyperswarm has changed: look again at how it dials the peers that it finds')
