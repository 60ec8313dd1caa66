import { decode, encode } from 'dns-packet'
import fc from 'fast-check'
import type { DnsPacket } from 'multicast-dns'
import { describe, expect, it } from 'vitest'
import { announce, asksForSwarmpad, readAnnouncements } from '../../../main/network/neighbour-record'
import { randomFrom } from '../../support/random'

const publicKey = Uint8Array.from(randomFrom(7).bytes(32))
const answer = (answers: unknown): Buffer => encode({ type: 'response', answers })
const read = (bytes: Uint8Array) => readAnnouncements(decode(Buffer.from(bytes)) as unknown as DnsPacket)

describe('an announcement (N1)', () => {
  it('is read as it was made, and as taken back with a lifetime of 0', () => {
    for (const leaving of [false, true])
      expect(read(answer(announce({ publicKey, port: 49_737, leaving })))).toEqual([
        { publicKey: Buffer.from(publicKey), port: 49_737, leaving },
      ])
  })

  it('holds a key, a port and nothing else that could tell one person or document from another', () => {
    const key = Buffer.from(publicKey).toString('hex')
    const text = answer(announce({ publicKey, port: 49_737, leaving: false })).toString('latin1')
    const rest = text.replaceAll(key, '').replaceAll(key.slice(0, 16), '')
    expect(new Set(rest.match(/[a-z]{3,}/g))).toEqual(new Set(['swarmpad', 'udp', 'local', 'key']))
  })

  it('is asked for by its service’s name only', () => {
    const ask = (name: string, type = 'PTR') =>
      asksForSwarmpad(decode(encode({ questions: [{ name, type }] })) as unknown as DnsPacket)
    expect(ask('_swarmpad._udp.local')).toBe(true)
    expect(ask('_http._tcp.local')).toBe(false)
    expect(ask('_swarmpad._udp.local', 'A')).toBe(false)
  })

  it('that is malformed is no announcement, and never an error', () => {
    const sound = answer(announce({ publicKey, port: 1, leaving: false }))
    let readable = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const bytes = Buffer.from(sound)
          for (const [place, value] of changes) bytes[place] = value
          let packet: DnsPacket
          try {
            packet = decode(bytes) as unknown as DnsPacket
          } catch {
            return
          }
          readable++
          for (const { publicKey: key, port } of readAnnouncements(packet)) {
            expect(key.length).toBe(32)
            expect(port).toBeGreaterThan(0)
          }
        },
      ),
      { seed: 20_261_124, numRuns: 5_000 },
    )
    expect(readable).toBeGreaterThan(500)
  })
})
