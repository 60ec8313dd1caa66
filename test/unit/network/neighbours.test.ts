import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import type { Neighbour } from '../../../main/network/lan'
import { Neighbours } from '../../../main/network/neighbours'
import { ManualClock } from '../../support/manual-clock'

const key = (first: number, second = 0): Uint8Array => {
  const bytes = new Uint8Array(32)
  bytes.set([first, second])
  return bytes
}
const at = (publicKey: Uint8Array, host = '10.0.0.2', port = 4_000): Neighbour => ({ publicKey, host, port })

const setUp = () => {
  const clock = new ManualClock()
  const neighbours = new Neighbours({ publicKey: key(100), clock })
  const due = (connected: Uint8Array[] = []) =>
    neighbours.takeDue(new Set(connected.map(hex))).map(([first]) => first)
  return { clock, neighbours, due }
}

describe('dialling neighbours (N2)', () => {
  it('is for the one with the smaller key, and for the other one a little later', () => {
    const { clock, neighbours, due } = setUp()
    neighbours.heard(at(key(200)))
    neighbours.heard(at(key(50)))
    expect(due()).toEqual([200])
    clock.tick(1_999)
    expect(due()).toEqual([])
    clock.tick(1)
    expect(due()).toEqual([50])
  })

  it('comes again ever later while nothing comes of it, and at once when there is something new to share', () => {
    const { clock, neighbours, due } = setUp()
    neighbours.heard(at(key(200)))
    const waits: number[] = []
    for (let round = 0; round < 6; round++) {
      let waited = 0
      while (due().length === 0) {
        clock.tick(5_000)
        waited += 5_000
      }
      waits.push(waited)
    }
    expect(waits).toEqual([0, 5_000, 30_000, 120_000, 600_000, 600_000])
    neighbours.renew()
    expect(due()).toEqual([200])
  })

  it('is not for who is connected, gone, or heard of again', () => {
    const { clock, neighbours, due } = setUp()
    neighbours.heard(at(key(200)))
    expect(due([key(200)])).toEqual([])
    expect(due()).toEqual([200])
    neighbours.heard(at(key(200)))
    expect(due()).toEqual([])
    // Nor where they are said to be elsewhere, which anybody can say: that place is tried when they are due again.
    neighbours.heard(at(key(200), '10.0.0.9'))
    expect(due()).toEqual([])
    clock.tick(5_000)
    expect(due()).toEqual([200])
    neighbours.heard(at(key(201)))
    neighbours.gone(key(201), '10.0.0.2')
    expect(due()).toEqual([])
  })
})

describe('a neighbour who announces many', () => {
  it('displaces only its own, and all together are bounded', () => {
    const { neighbours } = setUp()
    neighbours.heard(at(key(1), '10.0.0.3'))
    for (let index = 0; index < 1_000; index++)
      neighbours.heard(at(key(2, index % 256), '10.0.0.66', index + 1))
    expect(neighbours.placesOf(key(1))[0]?.host).toBe('10.0.0.3')
    for (let index = 0; index < 200; index++) neighbours.heard(at(key(3, index), `10.0.1.${index}`))
    expect(neighbours.takeDue(new Set()).length).toBe(0)
    const known = Array.from({ length: 200 }, (_, index) => neighbours.placesOf(key(3, index)))
    expect(known.filter((places) => places.length > 0).length).toBe(64)
  })

  it('takes nobody away who is elsewhere, by their key, by goodbyes or by others at the same place', () => {
    const { neighbours, due } = setUp()
    const [honest, liar] = ['10.0.0.3', '10.0.0.66']
    neighbours.heard(at(key(200), honest))
    neighbours.heard(at(key(200), liar))
    expect(neighbours.placesOf(key(200)).map(({ host }) => host)).toEqual([liar, honest])
    for (let index = 0; index < 100; index++) neighbours.heard(at(key(2, index), liar))
    neighbours.gone(key(200), liar)
    expect(neighbours.placesOf(key(200)).map(({ host }) => host)).toEqual([honest])
    neighbours.heard(at(key(200), liar))
    expect(due()).toContain(200)
    neighbours.heard(at(key(200), honest))
    neighbours.heard(at(key(200), liar))
    expect(due()).not.toContain(200)
  })

  it('is dialled a few at a time, which keeps nobody else waiting', () => {
    const { clock, neighbours, due } = setUp()
    for (let index = 101; index < 109; index++) neighbours.heard(at(key(index), '10.0.0.66'))
    neighbours.heard(at(key(200), '10.0.0.3'))
    neighbours.heard(at(key(201), '10.0.0.66'))
    neighbours.heard(at(key(201), '10.0.0.4'))
    expect(due()).toEqual([102, 103, 104, 105, 200, 201])
    clock.tick(4_000)
    expect(due()).toEqual([])
    clock.tick(6_000)
    expect(due()).toEqual([106, 107, 108, 102, 200, 201])
  })

  it('is dialled no more often for being at two addresses, or at ever more ports', () => {
    const { clock, neighbours, due } = setUp()
    for (let index = 101; index < 121; index++)
      for (const host of ['10.0.0.66', '10.0.0.67']) neighbours.heard(at(key(index), host))
    let dials = 0
    for (let second = 0; second < 9; second++) {
      for (let index = 101; index < 121; index++)
        neighbours.heard(at(key(index), '10.0.0.66', 5_000 + second))
      dials += due().length
      clock.tick(1_000)
    }
    expect(dials).toBe(4)
    const other = setUp()
    for (let port = 1; port < 100; port++) {
      other.neighbours.heard(at(key(200), '10.0.0.66', port))
      dials += other.due().length
    }
    expect(dials).toBe(5)
  })

  it('at many places is looked for at a few of them', () => {
    const { neighbours } = setUp()
    for (let port = 1; port < 100; port++) neighbours.heard(at(key(200), '10.0.0.2', port))
    expect(neighbours.placesOf(key(200)).map(({ port }) => port)).toEqual([99, 98, 97, 96])
  })
})
