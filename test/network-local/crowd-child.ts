import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { systemEnvironment } from '../../main/base/environment'
import { Keeper } from '../../main/keeper/keeper'
import { defaultLimits } from '../../main/log/quota'
import { SwarmNetwork } from '../../main/network/swarm-network'
import { freeSpace } from '../../main/storage/free-space'
import { LevelStore } from '../../main/storage/level-store'
import { harden } from '../../main/sync/wire/hardened-mux'
import { answer, say } from '../support/lab/child-side'

/** Many keepers in one process, each with a profile and a network node of its own. */
const { folder, first, count, port, link } = JSON.parse(process.argv[2] ?? '{}') as {
  folder: string
  first: number
  count: number
  port: number
  link: string
}
const keepers: Keeper[] = []
for (let index = first; index < first + count; index++) {
  const directory = join(folder, `keeper-${index}`)
  const environment = systemEnvironment
  const keeper = new Keeper({
    directory,
    environment,
    store: new LevelStore(join(directory, 'store')),
    network: new SwarmNetwork({
      environment,
      guard: harden,
      bootstrap: [{ host: '127.0.0.1', port }],
      relayBudget: null,
    }),
    limits: { ...defaultLimits, floor: 0 },
    freeSpace: () => freeSpace(folder),
    holderSeed: randomBytes(32),
    name: '',
    events: { onNotice: () => undefined },
  })
  await keeper.open()
  await keeper.add(link, '')
  keepers.push(keeper)
}
answer({
  states: () =>
    keepers.map((keeper) => {
      const [document] = keeper.state().documents
      return { changes: document?.changes ?? 0, peers: document?.peers ?? 0 }
    }),
  cost: () => ({ memory: process.memoryUsage().rss, cpu: process.cpuUsage() }),
})
say('ready')
