import type { PairingState } from '../../preload/contract'
import type { Clock } from '../base/environment'
import { hex } from '../base/hex'
import { pairingTopic, type PairingSide as Side } from '../keys/pairing'
import type { Connection } from '../network/network'
import type { SideChannel } from '../sync/wire/side-channels'
import { PairingChannel, type PairingEvents, pairingChannelId } from './pairing-channel'
import { type PairingMessage, pairingKind } from './pairing-messages'

/** Computers that are counted at most. */
const maxCounted = 99

/** Options common to both sides of pairing. */
export interface PairingSideOptions {
  readonly random: (size: number) => Buffer
  readonly clock: Clock
  /** Called on every state change. */
  readonly onState: (state: PairingState) => void
}

/** Base of both sides of pairing: topic, channel and state. Rules P1 to P3. */
export abstract class PairingSide implements SideChannel<PairingMessage>, PairingEvents {
  readonly kind = pairingKind
  readonly topic: Uint8Array
  protected readonly secret: Uint8Array
  private readonly side: Side
  private readonly common: PairingSideOptions
  private readonly seen = new Set<string>()
  private now: PairingState = { phase: 'looking', computers: 0 }

  constructor(side: Side, secret: Uint8Array, options: PairingSideOptions) {
    this.side = side
    this.secret = secret
    this.common = options
    this.topic = pairingTopic(secret)
  }

  /** How far it is. */
  get state(): PairingState {
    return this.now
  }

  /** The person has compared the letters. Throws PAIRING_IMPOSSIBLE when there are none. */
  abstract agree(): void
  /** The person says no, or wants no more of it. */
  abstract stop(): void

  abstract onProved(visit: PairingChannel): void
  abstract onOutdated(visit: PairingChannel): void
  abstract onMessage(visit: PairingChannel, type: PairingMessage, body: Uint8Array): void
  abstract onClose(visit: PairingChannel): void

  channelId(connection: Connection): Uint8Array {
    return pairingChannelId(this.secret, connection)
  }

  connect(connection: Connection, refuse: () => void): PairingChannel {
    const { secret, side, common } = this
    return new PairingChannel({ secret, side, connection, random: common.random, events: this, refuse })
  }

  /** How many computers have proved that they have the link, by their keys in the network. */
  protected get computers(): number {
    return this.seen.size
  }

  /** Counts a computer that proved that it has the link, and shows the count. */
  protected count({ connection }: PairingChannel): void {
    const key = hex(connection.remotePublicKey)
    if (this.seen.has(key) || this.seen.size >= maxCounted) return
    this.seen.add(key)
    const { state, computers } = this
    if (state.phase === 'looking' || state.phase === 'comparing') this.become({ ...state, computers })
  }

  protected become(state: PairingState): void {
    this.now = state
    this.common.onState(state)
  }
}
