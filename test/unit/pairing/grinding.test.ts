import { beforeEach, describe, expect, it } from 'vitest'
import { parsePairingLink } from '../../../main/keys/link'
import { pairingCode } from '../../../main/keys/pairing'
import { JoinSide } from '../../../main/pairing/join-side'
import { OfferSide } from '../../../main/pairing/offer-side'
import { Sync } from '../../../main/sync/sync'
import type { PairingState } from '../../../preload/contract/pairing'
import { ManualNetwork, World } from '../sync/world'
import { PairingPeer } from './peer'

/** How often the attacker comes. */
const tries = 200

type Way = 'the same connection' | 'another connection' | 'another connection under another key'

/** Both ends of a pairing, which reach nobody but the attacker between them. */
class Victims {
  readonly world = new World(31)
  readonly offering = this.computer()
  readonly joining = this.computer()
  readonly offer: OfferSide
  readonly join: JoinSide
  readonly secret: Uint8Array
  readonly offerStates: PairingState[] = []
  readonly joinStates: PairingState[] = []

  constructor() {
    const { world } = this
    const common = { clock: world.clock, random: (size: number) => world.random.bytes(size) }
    this.offer = new OfferSide({
      ...common,
      content: () => expect.fail('the person allowed nobody'),
      onState: (state) => this.offerStates.push(state),
    })
    this.secret = parsePairingLink(this.offer.link)
    this.join = new JoinSide({
      ...common,
      link: this.offer.link,
      take: () => expect.fail('the person agreed to nothing'),
      onState: (state) => this.joinStates.push(state),
    })
    this.offering.sync.openSideChannel(this.offer)
    this.joining.sync.openSideChannel(this.join)
  }

  /** The attacker as the offering side, toward the computer that joins, or the other way round. */
  attacker(as: 'offer' | 'join', last: PairingPeer | null, way: Way): PairingPeer {
    const { network } = as === 'offer' ? this.joining : this.offering
    const options =
      !last || way === 'another connection under another key'
        ? {}
        : way === 'another connection' || last.ended
          ? { publicKey: last.publicKey }
          : { over: last }
    return new PairingPeer({ world: this.world, network }, this.secret, as, options)
  }

  private computer() {
    const network = new ManualNetwork(this.world.random.bytes(32))
    return { network, sync: new Sync({ network, environment: this.world.environment }) }
  }
}

const bodyOf = (peer: PairingPeer, type: 'number' | 'reveal') =>
  peer.heard.find((message) => message.type === type)?.body
const lettersIn = (states: readonly PairingState[]) =>
  states.flatMap((state) => (state.phase === 'comparing' ? [state.code] : []))

describe('somebody between the two computers who has the link', () => {
  let victims: Victims
  beforeEach(() => {
    victims = new Victims()
  })
  const ways: Way[] = ['the same connection', 'another connection', 'another connection under another key']

  it.each(ways)(
    'sees one number of the computer that joins, and no second one: over %s (P4)',
    async (way) => {
      const { world, secret, joinStates, join } = victims
      const seen = new Set<string>()
      let last: PairingPeer | null = null
      for (let count = 0; count < tries; count++) {
        const peer = victims.attacker('offer', last, way)
        await world.clock.advance(5_000)
        const joined = bodyOf(peer, 'number')
        // The attacker knows the letters before they are shown, and shows its own number only when they suit it.
        if (joined) seen.add(pairingCode(secret, peer.handshakeHash, { offered: peer.number, joined }))
        peer.port.close()
        if (way !== 'the same connection') peer.stream.destroy()
        await world.clock.advance(100)
        last = peer
      }
      expect(seen.size).toBe(1)
      expect(join.state).toMatchObject({ phase: 'failed', code: 'CLOSED' })
      expect(join.state).toHaveProperty('message', expect.stringContaining('Show a new link'))
      expect(lettersIn(joinStates)).toEqual([])
    },
  )

  it.each(ways)(
    'has one set of letters shown where the link is, and no second one: over %s (P7)',
    async (way) => {
      const { world, offer, offerStates } = victims
      let last: PairingPeer | null = null
      for (let count = 0; count < tries; count++) {
        const peer = victims.attacker('join', last, way)
        await world.clock.advance(100)
        peer.send('number', peer.number)
        await world.clock.advance(100)
        peer.port.close()
        if (way !== 'the same connection') peer.stream.destroy()
        await world.clock.advance(100)
        last = peer
      }
      expect(lettersIn(offerStates)).toHaveLength(1)
      expect(offer.state).toMatchObject({ phase: 'failed', code: 'CLOSED' })
      expect(offer.state).toHaveProperty('message', expect.stringContaining('Show a new link'))
    },
  )
})
