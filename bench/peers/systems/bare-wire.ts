import { createHash, randomBytes } from 'node:crypto'
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
  const change = (from: number, to: number, insert: string) => {
    held = held.slice(0, from) + insert + held.slice(to)
    for (const heard of listeners) heard()
  }
  const edit = (from: number, to: number, insert: string): Buffer => {
    const range = Buffer.alloc(8)
    range.writeUInt32LE(from, 0)
    range.writeUInt32LE(to, 4)
    return Buffer.concat([range, Buffer.from(insert)])
  }
  swarm.onOpen = (peer) => {
    if (text) swarm.send(kinds.update, edit(0, 0, held), [peer])
  }
  swarm.onMessage = (_, __, body) =>
    change(body.readUInt32LE(0), body.readUInt32LE(4), body.subarray(8).toString())
  await swarm.join()
  return {
    link,
    length: () => held.length,
    text: () => held,
    edit: (from, to, insert) => {
      change(from, to, insert)
      swarm.send(kinds.update, edit(from, to, insert))
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
