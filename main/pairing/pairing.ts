import type { PairingState } from '../../preload/contract/pairing'
import type { Environment, Timer } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { cleanName } from '../keys/name'
import type { Library } from '../library/library'
import type { LibraryEntry } from '../library/library-entry'
import type { StoredProfile } from '../profile/profile-store'
import type { SideChannel } from '../sync/wire/side-channels'
import type { DeviceMessage } from './device-channel'
import { Devices } from './devices'
import { JoinSide } from './join-side'
import { newEntryOf } from './new-entry'
import { OfferSide, type PairedContent } from './offer-side'
import type { PairingMessage } from './pairing-messages'

/** Interval at which a joining computer repeats its lookup, in ms. */
const lookAgain = 10_000

/** Workspace functions used by pairing. */
export interface PairingHost {
  readonly environment: Environment
  /** Returns the stored profile of the person. */
  readonly person: () => StoredProfile
  /** True if no person has begun to use this profile. */
  readonly isNew: () => boolean
  /** Notes that this person uses other computers too. */
  readonly noteDevices: () => Promise<void>
  /** Becomes that person; durable when it resolves. */
  readonly become: (person: StoredProfile) => Promise<void>
  readonly library: () => Library
  /** True if the person removed a document, on any of their computers. */
  readonly isRemoved: (id: string) => boolean
  /** Adds a document to the library, or better keys to a known one. */
  readonly addEntry: (entry: LibraryEntry) => Promise<unknown>
  /** Begins to sync a document of the library. */
  readonly keep: (id: string) => Promise<unknown>
  /** Begins a side channel with other computers; returns a function that ends it. */
  readonly meet: (meeting: SideChannel<PairingMessage> | SideChannel<DeviceMessage>) => () => void
  /** Looks up a topic again. */
  readonly refresh: (topic: Uint8Array) => void
  readonly onFailure: (error: unknown) => void
}

/** A running pairing with another computer. The caller that started it must end it. */
export interface PairingRun {
  readonly state: PairingState
  /** Notes that the person has confirmed the letters. Throws PAIRING_IMPOSSIBLE when there are none. */
  agree(): void
  /** Ends the pairing. Required after completion too: until then, latecomers are refused. Idempotent. */
  end(): void
}

/** Pairing from the computer that shows the link. */
export interface OfferedPairing extends PairingRun {
  readonly link: string
  /** When the link ends, in ms since the Unix epoch. */
  readonly until: number
}

/**
 * Transfers a person to another of their computers: both are one author from then on, and documents added on
 * one are added on the other. Only the author key, the name and the library are sent; texts follow by sync.
 * Rules P1 to P9.
 */
export class Pairing {
  private readonly host: PairingHost
  private readonly running = new Set<PairingRun>()
  /** The exchange with this person's other computers; null without any. */
  private devices: Devices | null = null
  /** Opens the documents that came from another computer. */
  private keeping: Promise<void> = Promise.resolve()
  private closed = false

  constructor(host: PairingHost) {
    this.host = host
  }

  /** Begins the exchange with this person's other computers, if there are any. */
  open(): void {
    const { seed, hasDevices } = this.host.person()
    if (!hasDevices || this.devices) return
    const { environment, library } = this.host
    this.devices = new Devices(fromHex(seed), {
      ...this.host,
      clock: environment.clock,
      entries: () => library().entries,
      put: (entry) => library().put(entry),
    })
  }

  /** Announces a document whose entry changed to the other computers. */
  changed(id: string): void {
    this.devices?.changed(id)
  }

  /** Takes documents of the other computers that were removed when they came and have been restored since. */
  restored(): void {
    this.devices?.restored()
  }

  /** Offers a link for another computer. Throws PAIRING_IMPOSSIBLE where no person has begun, or while working offline. */
  offer(onState: (state: PairingState) => void = () => undefined): OfferedPairing {
    const { environment, isNew } = this.host
    if (isNew()) throw new SwarmpadError('PAIRING_IMPOSSIBLE', { because: 'nobody' })
    if (!cleanName(this.host.person().name))
      throw new SwarmpadError('PAIRING_IMPOSSIBLE', { because: 'nameless' })
    this.checkOnline()
    const side = new OfferSide({
      random: environment.random,
      clock: environment.clock,
      content: () => this.content(),
      onState: (state) => {
        if (state.phase === 'bringing') this.allowed()
        onState(state)
      },
    })
    const { link, until } = side
    const run = this.run(side, null)
    return {
      link,
      until,
      get state() {
        return run.state
      },
      agree: () => run.agree(),
      end: () => run.end(),
    }
  }

  /**
   * Joins by a link that another computer shows. Throws LINK_… codes, and PAIRING_IMPOSSIBLE where somebody has begun to use
   * this profile, or while working offline.
   */
  join(link: string, onState: (state: PairingState) => void = () => undefined): PairingRun {
    if (!this.host.isNew()) throw takenProfile()
    this.checkOnline()
    const { random, clock } = this.host.environment
    const side = new JoinSide({ random, clock, link, take: (content) => this.take(content), onState })
    const look = (): Timer =>
      clock.set(lookAgain, () => {
        if (side.state.phase === 'looking') this.host.refresh(side.topic)
        timer = look()
      })
    let timer = look()
    return this.run(side, () => clock.clear(timer))
  }

  /** Ends all pairings and exchanges; resolves when none of them adds or opens a document any more. */
  async close(): Promise<void> {
    this.closed = true
    for (const run of [...this.running]) run.end()
    await this.devices?.close()
    await this.keeping
  }

  /** Notes that this person uses another computer too. */
  private allowed(): void {
    const noted = this.host.noteDevices()
    noted.catch((error) => this.host.onFailure(error))
    this.open()
  }

  private run(side: OfferSide | JoinSide, onEnd: (() => void) | null): PairingRun {
    const leave = this.host.meet(side)
    const { running } = this
    const run: PairingRun = {
      get state() {
        return side.state
      },
      agree: () => side.agree(),
      end: () => {
        if (!running.delete(run)) return
        onEnd?.()
        side.stop()
        leave()
      },
    }
    running.add(run)
    return run
  }

  private content(): PairedContent {
    const { name, seed, knowsAddressIsSeen } = this.host.person()
    const documents = [...this.host.library().entries.values()]
      .filter(({ removedAt }) => removedAt === null)
      .sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
    return { person: { name, seed: fromHex(seed), knowsAddressIsSeen }, documents }
  }

  /** Stores the documents before the person, so that a profile with a name has all of them. */
  private async take({ person, documents }: PairedContent): Promise<void> {
    if (!this.host.isNew()) throw takenProfile()
    for (const document of documents) await this.host.addEntry(newEntryOf(document))
    const { name, seed, knowsAddressIsSeen } = person
    await this.host.become({ name, seed: hex(seed), knowsAddressIsSeen, offline: false, hasDevices: true })
    this.keeping = this.keepAll(documents)
  }

  /** One after the other, so that thousands of logs are not opened at once. */
  private async keepAll(documents: PairedContent['documents']): Promise<void> {
    for (const { keys } of documents) {
      if (this.closed) return
      await this.host.keep(hex(keys.documentId)).catch(() => undefined)
    }
  }

  private checkOnline(): void {
    if (this.host.person().offline) throw new SwarmpadError('PAIRING_IMPOSSIBLE', { because: 'offline' })
  }
}

const takenProfile = (): SwarmpadError => new SwarmpadError('PAIRING_IMPOSSIBLE', { because: 'somebody' })
