import HyperDHT from 'hyperdht'
import { afterEach, expect, it } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { hex } from '../../../main/base/hex'
import { keysFromKeep } from '../../../main/keys/derive'
import { keysFromLink, parseLink } from '../../../main/keys/link'
import { SwarmNetwork } from '../../../main/network/swarm-network'
import { keeperBudget, times } from '../../../main/network/topic-budget'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { harden } from '../../../main/sync/wire/hardened-mux'
import { Workspace } from '../../../main/workspace/workspace'
import { InlineReplicas } from '../../support/inline-replica'
import { inlineSearch } from '../../support/inline-search'
import { hurried, until } from '../../support/swarm-node'
import { HostilePeer } from '../hostile-peer'

/** How many times as fast the time of announcing passes: its 20 minutes are 6 seconds. */
const haste = 200

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Nodes of a DHT on which announcements live as long as the real ones, in that haste. */
async function startNodes() {
  const host = '127.0.0.1'
  const bootstrap: { host: string; port: number }[] = []
  for (let count = 0; count < 4; count++) {
    const node = new HyperDHT({
      bootstrap,
      host,
      ephemeral: false,
      firewalled: false,
      maxAge: times.record / haste,
    })
    ends.push(() => node.destroy())
    await node.fullyBootstrapped()
    if (count === 0) bootstrap.push({ host, port: node.address().port })
  }
  const probe = new HyperDHT({ bootstrap, host })
  ends.push(() => probe.destroy())
  /** Resolves to the number of sides whose announcement of a topic the nodes have. */
  const countFound = async (topic: Uint8Array): Promise<number> => {
    const keys = new Set<string>()
    for await (const { peers } of probe.lookup(topic, {}))
      for (const { publicKey } of peers) keys.add(hex(publicKey))
    return keys.size
  }
  return { bootstrap, countFound }
}

/** A person with a workspace, whose network announces in haste. */
async function enter(name: string, bootstrap: { host: string; port: number }[], disk = new MemoryDisk()) {
  const network = new SwarmNetwork({ environment: hurried(haste), bootstrap, guard: harden })
  const met = new Set<string>()
  network.on('connection', ({ remotePublicKey, stream }) => {
    const key = hex(remotePublicKey)
    met.add(key)
    stream.on('close', () => met.delete(key))
  })
  const replicas = new InlineReplicas(() => Date.now())
  const workspace = new Workspace({
    environment: systemEnvironment,
    store: new MemoryStore(disk),
    network,
    startReplica: replicas.start,
    startSearch: inlineSearch,
    masterKey: async () => Buffer.alloc(32, 7),
    name,
  })
  ends.push(async () => {
    await workspace.close()
    replicas.freeAll()
  })
  await workspace.open()
  return { workspace, network, met }
}

it('three who hold a keep link, announce, prove it and never answer do not keep two others apart (N22)', async () => {
  const { bootstrap, countFound } = await startNodes()
  const zoe = await enter('Zoe', bootstrap)
  const written = await zoe.workspace.createDocument({ text: '# Meeting place' })
  const link = await written.link('read')
  const keys = keysFromLink(parseLink(await written.link('write')))
  const disk = new MemoryDisk()
  const [ada, before] = [await enter('Ada', bootstrap), await enter('Ben', bootstrap, disk)]
  for (const { workspace } of [ada, before]) {
    const document = await workspace.openDocument(link)
    await expect.poll(() => document.text()).toBe('# Meeting place')
    await document.close()
  }
  // Nobody made anything here that another lacks, and nobody looks: an announcement may be left out.
  await before.workspace.close()
  await zoe.workspace.close()

  const keeper = keysFromKeep(keys.keep, keys.verify ?? expect.fail())
  const announcing = { environment: hurried(haste), topicBudget: keeperBudget }
  const claimants = [1, 2, 3].map(
    (seed) => new HostilePeer(bootstrap, (line) => line.open(keeper, () => undefined), seed, announcing),
  )
  ends.push(async () => {
    await Promise.all(claimants.map((peer) => peer.close()))
  })
  await Promise.all(claimants.map((peer) => peer.open(keeper.topic)))
  await until('the three are met', () => ada.met.size === 3)
  // Hers is left out, and the last one has expired.
  await expect.poll(() => countFound(keeper.topic), { interval: 100 }).toBe(claimants.length)

  const ben = await enter('Ben', bootstrap, disk)
  await until('the two meet', () => ada.met.size === 4 && ben.met.size === 4)
  const [theirs] = await Promise.all([ben.workspace.document(written.id), ada.workspace.document(written.id)])
  await until('and see each other', () => theirs.opened().people.some(({ name }) => name === 'Ada'))
})
