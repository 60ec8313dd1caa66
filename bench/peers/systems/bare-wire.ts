import { createHash, randomBytes } from 'node:crypto'
import { type Replacement, readReplacement, writeReplacement } from './replacement'
import { kinds, Swarm } from './swarm'
import type { Peer, PeerOptions } from './system'

/**
 * Sends each edit as it is, and keeps nothing: the least that any system on this wire can take. Right only while
 * one peer at a time writes.
 */
export async function open({
  bootstrap,
  link = randomBytes(32).toString('hex'),
  text = '',
}: PeerOptions): Promise<Peer> {
  let held = text
  const listeners: (() => void)[] = []
  const swarm = new Swarm({ bootstrap, topic: createHash('sha256').update(link).digest() })
  const change = ({ from, to, insert }: Replacement) => {
    held = held.slice(0, from) + insert + held.slice(to)
    for (const heard of listeners) heard()
  }
  swarm.onOpen = (peer) => {
    if (text) swarm.send(kinds.update, writeReplacement({ from: 0, to: 0, insert: held }), [peer])
  }
  swarm.onMessage = (_, __, body) => change(readReplacement(body))
  await swarm.join()
  return {
    link,
    length: () => held.length,
    text: () => held,
    edit: (from, to, insert) => {
      change({ from, to, insert })
      swarm.send(kinds.update, writeReplacement({ from, to, insert }))
    },
    onChange: (heard) => {
      listeners.push(heard)
    },
    saved: async () => undefined,
    loaded: async () => undefined,
    setOnline: (online) => (online ? swarm.join() : swarm.leave()),
    close: () => swarm.leave(),
  }
}
