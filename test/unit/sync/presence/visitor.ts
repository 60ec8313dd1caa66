import { type Approval, makePresence, sealPresence } from '../../../../main/sync/presence/presence'
import { Mallory } from '../mallory'
import { type Site, World } from '../world'

/** Returns a text's bytes, as a caret. */
export const bytes = (text: string) => Uint8Array.from(Buffer.from(text))
/** Returns the names of the peers that a site lists. */
export const names = (site: Site) => site.peers.peers.map(({ name }) => name).sort()

/** Connects Ada and Bob. */
export async function pair() {
  const world = new World()
  const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
  const [line] = world.connect(ada, bob)
  await world.converge([ada, bob])
  return { world, ada, bob, line }
}

/** Connects Mallory to a site; `say` sends a presence. */
export async function visitor(world: World, victim: Site, keys = world.keys) {
  const mallory = new Mallory(victim, keys)
  await world.until(() => mallory.all('have').length > 0)
  mallory.vector()
  let counter = 0
  const say = (
    options: {
      name?: string
      author?: Approval
      counter?: number
      goodbye?: boolean
      instance?: typeof mallory.instance
    } = {},
  ) => {
    const instance = options.instance ?? mallory.instance
    const sealed = sealPresence({
      key: keys.presence ?? Buffer.alloc(32),
      instance: instance.pair.publicKey,
      presence: { name: options.name ?? 'Mallory', author: options.author ?? null, caret: null },
      random: world.environment.random,
    })
    const message = makePresence({
      instance,
      counter: options.counter ?? ++counter,
      goodbye: options.goodbye ?? false,
      sealed,
    })
    mallory.send('presence', message)
    return message
  }
  return { mallory, say }
}
