import type { PairingState } from '../../preload/contract/pairing'
import type { Clock } from '../base/environment'
import { hex } from '../base/hex'
import { pairingTopic, type PairingSide as Side } from '../keys/pairing'
import type { Connection } from '../network/network'
import type { SideChannel } from '../sync/wire/side-channels'
import { PairingChannel, type PairingEvents, pairingChannelId } from './pairing-channel'
import { type PairingMessage, pairingKind } from './pairing-messages'

/** Maximum number of computers counted. */
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

  /** The state of this side. */
  get state(): PairingState {
    return this.now
  }

  /** Notes that the person has confirmed the letters. Throws PAIRING_IMPOSSIBLE when there are none. */
  abstract agree(): void
  /** Stops on the person's request. Idempotent. */
  abstract stop(): void

  abstract onProved(channel: PairingChannel): void
  abstract onOutdated(channel: PairingChannel): void
  abstract onMessage(channel: PairingChannel, type: PairingMessage, body: Uint8Array): void
  abstract onClose(channel: PairingChannel): void

  channelId(connection: Connection): Uint8Array {
    return pairingChannelId(this.secret, connection)
  }

  connect(connection: Connection, refuse: () => void): PairingChannel {
    const { secret, side, common } = this
    return new PairingChannel({ secret, side, connection, random: common.random, events: this, refuse })
  }

  /** Number of computers, by network key, that proved that they have the link. */
  protected get computers(): number {
    return this.seen.size
  }

  /** Counts a computer that proved that it has the link, and updates the state. */
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
