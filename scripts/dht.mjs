import { install } from './lib/install.mjs'

await install()
const { localDht } = await import('./lib/local-dht.mjs')
const dht = await localDht()
console.log(`A DHT runs on this machine. In two other terminals:

  npm start -- --profile /tmp/one --bootstrap ${dht.bootstrap}
  npm start -- --profile /tmp/two --bootstrap ${dht.bootstrap}

Ctrl-C ends it.`)
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void dht.end().then(() => process.exit(0)))
