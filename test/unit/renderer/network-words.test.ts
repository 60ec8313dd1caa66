import { describe, expect, it } from 'vitest'
import type { NetworkReport, ReachedPeer } from '../../../preload/contract/network'
import { networkText, networkWords, peerWords } from '../../../preload/network-words'

const good: NetworkReport = {
  state: 'online',
  address: '198.51.100.7:49737',
  nat: 'consistent',
  nodes: 40,
  lan: { on: true, neighbours: 0 },
  topics: { documents: 340, announced: 12, packetsPerMinute: 90 },
  relaying: false,
  peers: [],
  failed: [],
}
const ben: ReachedPeer = {
  name: 'Ben',
  own: false,
  role: 'write',
  route: 'direct',
  address: '203.0.113.5:5000',
  roundTrip: 31.4,
  received: 12_345,
  sent: 999,
  syncedAt: 1_000,
}
const titled = (report: Partial<NetworkReport>, title: string) =>
  networkWords({ ...good, ...report }).find((fact) => fact.title === title)?.text ?? null

describe('what is said of the network', () => {
  it('says one thing of each state, and what to do where nobody answers', () => {
    for (const state of ['off', 'starting', 'online', 'unreachable'] as const)
      expect(titled({ state }, 'Connection')).toMatch(/\.$/)
    expect(titled({ state: 'unreachable' }, 'Connection')).toMatch(/firewall/)
    expect(networkWords({ ...good, state: 'off' }).length).toBe(1)
  })

  it('says how others see this computer, and how its router lets them in', () => {
    expect(titled({}, 'Your address')).toContain('198.51.100.7:49737')
    expect(titled({ address: null }, 'Your address')).toMatch(/Nobody has told/)
    const words = (['open', 'consistent', 'random', 'unknown'] as const).map((nat) =>
      titled({ nat }, 'Your router'),
    )
    expect(new Set(words).size).toBe(4)
    expect(words[2]).toMatch(/relay/)
  })

  it.each([
    ['routers', /another network/],
    ['gone', /offline/],
    ['unreachable', /firewall/],
    ['other', /tries again/],
  ] as const)('says what to do after %s, only while somebody is missing', (reason, words) => {
    const failed = [{ at: 0, reason }]
    expect(titled({ failed }, 'What did not work')).toMatch(words)
    expect(titled({ failed, peers: [ben] }, 'What did not work')).toBe(null)
  })

  it('says by which way someone is reached, how fast, and since when all is in sync', () => {
    expect(peerWords(ben, 61_000)).toBe(
      'Connected directly · 31 ms there and back · 12 kB received, 999 bytes sent · in sync 1 min ago',
    )
    expect(peerWords({ ...ben, route: 'relayed', roundTrip: null, syncedAt: null }, 0)).toBe(
      'Connected through a relay, which cannot read what it carries · 12 kB received, 999 bytes sent · not in sync yet',
    )
  })

  it("gives a text without anybody else's address", () => {
    const text = networkText(
      { ...good, peers: [ben, { ...ben, name: '', role: 'keep', route: 'lan' }] },
      2_000,
    )
    expect(text).not.toContain('203.0.113.5')
    expect(text).toMatch(/^Ben: Connected directly/m)
    expect(text).toMatch(/^A keeper: Connected on your local network/m)
    expect(text).toMatch(/Nodes of the DHT known: 40/)
  })
})
