import type { PairingState } from '../../preload/contract'
import type { Environment, Timer } from '../environment'
import { SwarmpadError } from '../errors'
import { fromHex, hex } from '../hex'
import type { LibraryEntry } from '../library'
import type { StoredProfile } from '../profile-record'
import type { Meeting } from '../sync/meetings'
import { JoinSide } from './join-side'
import { OfferSide, type PairedContent } from './offer-side'
import type { PairedDocument, PairingMessage } from './pairing-messages'

/** How often a computer that joins looks for the other one again, in ms. */
const lookAgain = 10_000

/** What pairing needs of the workspace. */
export interface PairingHost {
  readonly environment: Environment
  /** What the profile knows about its person. */
  readonly person: () => StoredProfile
  /** No person has begun to use this profile. */
  readonly isNew: () => boolean
  /** Becomes that person; durable when it resolves. */
  readonly become: (person: StoredProfile) => Promise<void>
  /** The documents that the library shows. */
  readonly entries: () => readonly (readonly [string, LibraryEntry])[]
  /** Puts a document into the library, or adds to the keys that are there. */
  readonly adopt: (entry: LibraryEntry) => Promise<unknown>
  /** Brings a document of the library in sync. */
  readonly keep: (id: string) => Promise<unknown>
  /** Meets others; the result ends it. */
  readonly meet: (meeting: Meeting<PairingMessage>) => () => void
  /** Looks for a topic again. */
  readonly refresh: (topic: Uint8Array) => void
}

/** Pairing with another computer, as it goes on. To be ended by whoever began it. */
export interface PairingRun {
  readonly state: PairingState
  /** The person has compared the letters. Throws INVALID when there are none. */
  agree(): void
  /** Ends it, also when it is done: until then whoever comes late is told so. Idempotent. */
  end(): void
}

/** Pairing from the computer that shows the link. */
export interface OfferedPairing extends PairingRun {
  readonly link: string
  /** When the link ends, in ms since the Unix epoch. */
  readonly until: number
}

/**
 * Brings a person to another computer of theirs: both are one author from then on. Only the author key, the name
 * and what is in the library travel; texts follow by sync. Rules P1 to P7.
 */
export class Pairing {
  private readonly host: PairingHost
  private readonly running = new Set<PairingRun>()

  constructor(host: PairingHost) {
    this.host = host
  }

  /** Makes a link for another computer. Throws INVALID where no person has begun, or while working offline. */
  offer(onState: (state: PairingState) => void = () => undefined): OfferedPairing {
    const { environment, isNew } = this.host
    if (isNew()) throw new SwarmpadError('INVALID', 'Nobody writes on this computer yet.')
    this.checkOnline()
    const side = new OfferSide({
      random: environment.random,
      clock: environment.clock,
      content: () => this.content(),
      onState,
    })
    const { link, until } = side
    return Object.defineProperties(this.run(side, null), {
      link: { value: link },
      until: { value: until },
    }) as OfferedPairing
  }

  /**
   * Joins by a link that another computer shows. Throws LINK_… codes, and INVALID where somebody has begun to use
   * this profile, or while working offline.
   */
  join(link: string, onState: (state: PairingState) => void = () => undefined): PairingRun {
    if (!this.host.isNew()) throw takenProfile()
    this.checkOnline()
    const { random, clock } = this.host.environment
    const side = new JoinSide({ random, link, take: (content) => this.take(content), onState })
    const look = (): Timer =>
      clock.set(lookAgain, () => {
        if (side.state.phase === 'looking') this.host.refresh(side.topic)
        timer = look()
      })
    let timer = look()
    return this.run(side, () => clock.clear(timer))
  }

  /** Ends all that goes on. */
  close(): void {
    for (const run of [...this.running]) run.end()
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
    const documents = this.host
      .entries()
      .map(([, entry]) => entry)
      .sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
    return { person: { name, seed: fromHex(seed), knowsAddressIsSeen }, documents }
  }

  /** The documents first: whoever has a name has all of them. */
  private async take({ person, documents }: PairedContent): Promise<void> {
    if (!this.host.isNew()) throw takenProfile()
    for (const document of documents) await this.host.adopt(entryOf(document))
    const { name, seed, knowsAddressIsSeen } = person
    await this.host.become({ name, seed: hex(seed), knowsAddressIsSeen, offline: false })
    for (const { keys } of documents) void this.host.keep(hex(keys.documentId)).catch(() => undefined)
  }

  private checkOnline(): void {
    if (this.host.person().offline)
      throw new SwarmpadError(
        'INVALID',
        'You are working offline. Go online first: the two computers have to reach each other.',
      )
  }
}

/** What this computer knows of a document before any of its text has come. */
const entryOf = ({ keys, manifest, title, editedAt }: PairedDocument): LibraryEntry => ({
  keys,
  manifest,
  title,
  editedAt,
  waiting: true,
  removed: false,
  dismissed: [],
  quota: null,
  successors: [],
})

const takenProfile = (): SwarmpadError =>
  new SwarmpadError(
    'INVALID',
    'Somebody writes on this computer already, and nothing of theirs is replaced. Use another profile for another person.',
  )
