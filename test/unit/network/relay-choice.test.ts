import { describe, expect, it } from 'vitest'
import { RelayChoice } from '../../../main/network/relay-choice'
import { relayKeyFrom } from '../../../main/network/relay-key'
import { routeTo } from '../../../main/network/route'

const key = (first: number): Uint8Array => Uint8Array.of(first, ...new Uint8Array(31))
const hard = { failed: false, randomized: true }
const peer = {}

describe('the choice of a relay (N11)', () => {
  it('is made only behind a hard router, or when it failed without', () => {
    const choice = new RelayChoice([key(1)])
    expect(choice.relays({ failed: false, randomized: false })).toBeNull()
    expect(choice.relays({ failed: true, randomized: false })).toEqual([key(1)])
    expect(choice.relays(hard)).toEqual([key(1)])
    expect(new RelayChoice([]).relays(hard)).toBeNull()
  })

  it('takes what peers offer where none is named, each once, while they are there', () => {
    const choice = new RelayChoice([])
    choice.offer(peer, key(2))
    choice.offer({}, key(2))
    choice.offer({}, key(3))
    expect(choice.relays(hard)).toEqual([key(2), key(3)])
    choice.offer(peer, key(4))
    expect(choice.relays(hard)).toEqual([key(4), key(2), key(3)])
    choice.offer(peer, null)
    expect(choice.relays(hard)).toEqual([key(2), key(3)])
    const named = new RelayChoice([key(1)])
    named.offer(peer, key(2))
    expect(named.relays(hard)).toEqual([key(1)])
  })

  it('reads keys as people write them, and refuses what is none', () => {
    expect(relayKeyFrom(` ${'AB'.repeat(32)}\n`)).toEqual(Buffer.alloc(32, 0xab))
    for (const text of ['', 'ab', 'ab'.repeat(33), 'xy'.repeat(32)])
      expect(() => relayKeyFrom(text)).toThrow(expect.objectContaining({ code: 'RELAY_INVALID' }))
  })
})

describe('the route to a peer', () => {
  it.each([
    ['127.0.0.1', 'local'],
    ['::1', 'local'],
    ['11.0.0.5', 'local'],
    ['10.1.2.3', 'lan'],
    ['172.16.0.1', 'lan'],
    ['172.32.0.1', 'direct'],
    ['192.168.7.7', 'lan'],
    ['169.254.1.1', 'lan'],
    ['fe80::1', 'lan'],
    ['fd12::1', 'lan'],
    ['2001:db8::1', 'direct'],
    ['11.0.0.6', 'direct'],
  ])('%s is %s', (host, route) => {
    expect(routeTo(host, ['11.0.0.5'])).toBe(route)
  })
})
