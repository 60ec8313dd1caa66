import { beforeEach, describe, expect, it } from 'vitest'
import { Arrangement } from '../../../main/personal/arrangement'
import { OwnWords } from '../../../main/personal/own-words'
import { Vault } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { calls } from '../../../preload/contract/bridge'
import { ownWordLimits } from '../../../preload/contract/spelling'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const random = randomFrom(5)
const id = new Uint8Array(0)
let disk: MemoryDisk
let vault: Vault

beforeEach(() => {
  disk = new MemoryDisk()
  vault = vaultWith(7)
})

function vaultWith(fill: number): Vault {
  const key = Buffer.alloc(32, fill)
  return new Vault({ store: new MemoryStore(disk), key, random: (size) => random.bytes(size) })
}

async function opened(at = vault): Promise<OwnWords> {
  const arrangement = new Arrangement({ vault: at, store: new MemoryStore(disk), clock: new ManualClock() })
  await arrangement.open()
  return new OwnWords(() => arrangement)
}

describe('the words that a person added', () => {
  it('are kept, sealed and sorted, each once', async () => {
    const words = await opened()
    expect(words.list).toEqual([])
    expect(disk.values.size).toBe(0)
    await words.add('Zwimmerling')
    expect(await words.add('äpfeln')).toEqual(['äpfeln', 'Zwimmerling'])
    expect(await words.add('Zwimmerling')).toEqual(['äpfeln', 'Zwimmerling'])
    expect((await opened()).list).toEqual(['äpfeln', 'Zwimmerling'])
    for (const sealed of disk.values.values())
      expect(Buffer.from(sealed).toString('latin1')).not.toContain('Zwimmerling')
    expect(await words.remove('Zwimmerling')).toEqual(['äpfeln'])
    expect((await opened()).list).toEqual(['äpfeln'])
  })

  it('have an end', async () => {
    const many = Array.from({ length: ownWordLimits.number }, (_, index) => `word${index}`)
    await vault.write('words', id, many)
    const words = await opened()
    await expect(words.add('oneMore')).rejects.toMatchObject({ code: 'WORDS_FULL' })
    await words.remove('word7')
    expect(await words.add('oneMore')).toHaveLength(ownWordLimits.number)
  })

  it('are taken over from a record of an older program once: its sound ones, and none of a damaged one', async () => {
    await vault.write('words', id, [
      'sound',
      7,
      'with blank',
      '',
      'x'.repeat(65),
      null,
      'tab\t',
      'x'.repeat(64),
    ])
    const words = await opened()
    expect(words.list).toEqual(['sound', 'x'.repeat(64)])
    await words.remove('sound')
    expect((await opened()).list).toEqual(['x'.repeat(64)])
    expect(await vault.read('words', id)).toBeNull()
    await vault.write('words', id, { words: ['of another form'] })
    expect((await opened()).list).toEqual(['x'.repeat(64)])
    const before = disk.values.size
    // Another key opens neither the words nor the arrangement; the words are copied aside.
    expect(await (await opened(vaultWith(8))).list).toEqual([])
    expect(disk.values.size).toBe(before + 1)
  })

  it('cross from the window only as words', () => {
    const { check } = calls.addOwnWord
    for (const word of ['Kowalczyk', 'naïveté', 'Müller-Lüdenscheidt', 'geht’s', 'x'.repeat(64)])
      expect(check([word])).toEqual([word])
    for (const wrong of [
      '',
      'two words',
      'line\nbreak',
      'x'.repeat(65),
      'nul\0',
      '\ud800',
      7,
      null,
      ['word'],
    ])
      expect(check([wrong])).toBeNull()
  })
})
