import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../../main/base/hex'
import { genesisChange } from '../../../main/replica/genesis'

interface Vector {
  readonly documentId: string
  readonly change: string
}

const vectors = JSON.parse(readFileSync('test/vectors/genesis.json', 'utf8')) as Vector[]

describe('the change that every document begins with (rule D1)', () => {
  it.each(vectors)('has the same bytes for ever, for $documentId', ({ documentId, change }) => {
    expect(hex(genesisChange(fromHex(documentId)))).toBe(change)
  })

  it('is not made for a version that is not known', () => {
    expect(() => genesisChange(Buffer.alloc(32), 2)).toThrow(
      expect.objectContaining({ code: 'LINK_UNSUPPORTED' }),
    )
  })
})
