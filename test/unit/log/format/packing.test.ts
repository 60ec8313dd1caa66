import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { pack, unpack } from '../../../../main/log/format/packing'
import { randomFrom } from '../../../support/random'
import { codeOf } from '../fixture'

const random = randomFrom(5)
const deflatedIn = (packed: Uint8Array) =>
  Buffer.from(packed).subarray(8, 8 + Buffer.from(packed).readUInt32LE(4))

/** Content with any deflated form inside. */
function framed(deflated: Uint8Array, plainLength: number): Buffer {
  const packed = Buffer.alloc(Math.ceil((8 + deflated.length) / 64) * 64)
  packed.writeUInt32LE(plainLength, 0)
  packed.writeUInt32LE(deflated.length, 4)
  packed.set(deflated, 8)
  return packed
}

describe('content in a seal (S5)', () => {
  it('is read by any inflater and by this one, whatever its size', () => {
    for (const size of [0, 1, 150, 183, 184, 185, 5_000])
      for (const plain of [random.bytes(size), Buffer.alloc(size, 'a')]) {
        const packed = pack(plain)
        expect(inflateRawSync(deflatedIn(packed)).equals(plain)).toBe(true)
        expect(Buffer.from(unpack(packed, 10_000)).equals(plain)).toBe(true)
      }
  })

  it('is stored up to 184 bytes, and deflated from there on', () => {
    expect(deflatedIn(pack(Buffer.alloc(184))).length).toBe(5 + 184)
    expect(deflatedIn(pack(Buffer.alloc(185))).equals(deflateRawSync(Buffer.alloc(185)))).toBe(true)
  })

  it('gets the verdict of an inflater when a stored block is changed', () => {
    const plain = random.bytes(40)
    const block = deflatedIn(pack(plain))
    let sound = 0
    for (let at = 0; at < 5; at++)
      for (let value = 0; value < 256; value++) {
        const changed = Buffer.from(block)
        changed[at] = value
        const inflated = attempt(() => inflateRawSync(changed, { maxOutputLength: plain.length }))
        const isSound = inflated?.length === plain.length
        if (isSound) sound++
        expect(codeOf(() => unpack(framed(changed, plain.length), 10_000))).toBe(
          isSound ? 'nothing' : 'MALFORMED',
        )
      }
    // The block itself, and those whose type's byte has other bits that mean nothing.
    expect(sound).toBeGreaterThan(5)
    for (const cut of [0, 4, 5, 44])
      expect(codeOf(() => unpack(framed(block.subarray(0, cut), plain.length), 10_000))).toBe('MALFORMED')
  })
})

function attempt(work: () => Buffer): Buffer | null {
  try {
    return work()
  } catch {
    return null
  }
}
