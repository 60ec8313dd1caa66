import { expect, it } from 'vitest'
import { keysFromWrite } from '../../../main/keys/derive'
import { formatPairingLink } from '../../../main/keys/link'
import { Pairing } from '../../../main/pairing/pairing'
import { Sync } from '../../../main/sync/sync'
import { ManualNetwork, World } from '../sync/world'
import { PairingPeer } from './peer'

it('opens what came one after the other, and no more once it is closed (P6)', async () => {
  const world = new World(28)
  const network = new ManualNetwork(world.random.bytes(32))
  const sync = new Sync({ network, environment: world.environment })
  const opening: (() => void)[] = []
  const unused = () => expect.fail('not meant')
  const pairing = new Pairing({
    environment: world.environment,
    person: () => ({
      name: '',
      seed: '00'.repeat(32),
      knowsAddressIsSeen: false,
      offline: false,
      hasDevices: false,
    }),
    isNew: () => true,
    noteDevices: unused,
    become: async () => undefined,
    library: unused,
    isRemoved: unused,
    addEntry: async () => undefined,
    keep: () => new Promise<void>((resolve) => opening.push(resolve)),
    meet: (meeting) => sync.openSideChannel(meeting),
    refresh: () => undefined,
    onFailure: unused,
  })
  const secret = world.random.bytes(32)
  const run = pairing.join(formatPairingLink(secret))
  const peer = new PairingPeer({ world, network }, secret, 'offer')
  await world.within(5_000, () => peer.types.includes('number'))
  peer.send('reveal', peer.number)
  await world.until(() => run.state.phase === 'comparing')
  run.agree()
  const documents = [1, 2, 3].map((place) => ({
    keys: keysFromWrite(Buffer.alloc(32, place)),
    manifest: null,
    title: `Title ${place}`,
    editedAt: null,
    shared: true,
  }))
  peer.bring({ person: { seed: Buffer.alloc(32, 5), name: 'Ada', knowsAddressIsSeen: true }, documents })
  await world.until(() => run.state.phase === 'done')
  await world.clock.advance(1_000)
  expect(opening).toHaveLength(1)
  opening[0]?.()
  await world.until(() => opening.length > 1)
  let closed = false
  const closing = pairing.close().then(() => {
    closed = true
  })
  await world.clock.advance(1_000)
  expect([opening.length, closed]).toEqual([2, false])
  opening[1]?.()
  await closing
  expect(opening).toHaveLength(2)
})
