import HyperDHT from 'hyperdht'
import { endWithInput, say } from '../support/lab/child-side'

/** Nodes of a DHT, one on each address given, all on one port, that begin with those named first, with commas. */
const [all = '', ...hosts] = process.argv.slice(2)
const port = 49_737
const bootstrap = all.split(',').map((host) => ({ host, port }))
const nodes = hosts.map(
  (host) => new HyperDHT({ bootstrap, host, port, ephemeral: false, firewalled: false }),
)
endWithInput()
await Promise.all(nodes.map((node) => node.fullyBootstrapped()))
say(bootstrap)
