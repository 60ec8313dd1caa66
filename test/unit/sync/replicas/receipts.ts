import { makeManifest } from '../../../../main/keys/derive'
import { keyPairFromSeed } from '../../../../main/keys/signature'
import { makeReplicaProof } from '../../../../main/sync/replicas/replica-proof'
import type { Instance } from '../../../../main/sync/wire/instance'
import type { MessageType } from '../../../../main/sync/wire/messages'
import { Mallory } from '../mallory'
import { type Site, World } from '../world'

/** Returns a site's records of the replicas of its edits, by name. */
export const replicasOf = (site: Site) =>
  Object.fromEntries(
    site.peers.replicas.map(({ name, isKeeper, coversMine, deniedAt }) => [
      name,
      { isKeeper, coversMine, denied: deniedAt !== null },
    ]),
  )

/** Key pair of the computer that Mallory runs on. */
export const mallorysComputer = keyPairFromSeed(Buffer.alloc(32, 9))

/** Makes the proof that an instance runs on Mallory's computer. */
export const proofOf = (world: World, instance: Instance, keys = world.keys, name = ''): Uint8Array =>
  makeReplicaProof({
    replica: mallorysComputer,
    name,
    keys,
    instance,
    random: (size) => world.random.bytes(size),
  })

/** Takes the newest message of a type that a peer received, and forgets the others of the type. */
export function takeLast(peer: Mallory, type: MessageType): Uint8Array {
  const body = peer.all(type).at(-1)
  if (!body) throw new Error('it received none')
  peer.heard.splice(0, peer.heard.length, ...peer.heard.filter((message) => message.type !== type))
  return body
}

/** Makes a world with Ada and Mallory, who proves which computer she runs on if `isProved`. */
export async function meetReplica(isProved = true): Promise<{ world: World; ada: Site; mallory: Mallory }> {
  const world = new World()
  const ada = await world.site('Ada')
  const mallory = new Mallory(ada, world.keys)
  await world.until(() => mallory.all('have').length > 0)
  mallory.send('manifest', makeManifest(world.keys))
  mallory.vector()
  if (isProved) mallory.send('holder', proofOf(world, mallory.instance))
  await world.clock.advance(200)
  return { world, ada, mallory }
}
