import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noMark } from '../../../../main/log/format/segment'
import {
  bucketDigests,
  covers,
  type Extent,
  type VersionVector,
} from '../../../../main/log/format/version-vector'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const ids = Array.from({ length: 12 }, (_, index) => `${index % 3}${index.toString(16)}`.padEnd(64, '0'))
const extent = fc.nat({ max: 20 }).map((tip): Extent => ({ base: 0, tip: tip + 1, mark: noMark }))
const vectors = fc
  .array(fc.tuple(fc.oneof(id, fc.constantFrom(...ids)), extent), { maxLength: 12 })
  .map((entries): VersionVector => new Map(entries))

const digestAt = (vector: VersionVector, bucket: number) =>
  Buffer.from(bucketDigests(vector).subarray(bucket * 8, bucket * 8 + 8)).toString('hex')

describe('version vectors (V1)', () => {
  it('cover another exactly when no entry of the other reaches further', () => {
    fc.assert(
      fc.property(vectors, vectors, (mine, theirs) => {
        const further = [...theirs].filter(([session, { tip }]) => (mine.get(session)?.tip ?? 0) < tip)
        expect(covers(mine, theirs)).toBe(further.length === 0)
        const merged = new Map([...mine, ...further])
        expect(covers(merged, theirs) && covers(merged, mine)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('have digests that differ in just the buckets that differ (V2)', () => {
    fc.assert(
      fc.property(vectors, vectors, (a, b) => {
        const reordered = new Map([...a].reverse())
        expect(bucketDigests(reordered)).toEqual(bucketDigests(a))
        expect(bucketDigests(a).length).toBe(256 * 8)
        for (let bucket = 0; bucket < 256; bucket++) {
          const part = (vector: VersionVector) =>
            JSON.stringify(
              [...vector].filter(([key]) => Number.parseInt(key.slice(0, 2), 16) === bucket).sort(),
            )
          expect(digestAt(a, bucket) === digestAt(b, bucket)).toBe(part(a) === part(b))
          expect(digestAt(a, bucket) === '0'.repeat(16)).toBe(part(a) === '[]')
        }
      }),
      { numRuns: 50 },
    )
  })
})
