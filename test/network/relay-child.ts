import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { answer, say } from '../support/lab/child-side'

/** A plain relay, as it is shipped. */
const [options = '{}'] = process.argv.slice(2)
const built = pathToFileURL(resolve('out/main/headless.js')).href
const { runRelay } = (await import(built)) as typeof import('../../main/headless')
const relay = await runRelay({ ...JSON.parse(options), seed: Buffer.alloc(32, 7) })
answer({
  key: () => relay.publicKey,
  open: () => relay.isOpen,
  state: () => relay.state,
})
say('ready')
