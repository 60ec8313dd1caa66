import { beforeEach, describe, expect, it } from 'vitest'
import { Vault } from '../../../main/profile/vault'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { OwnWords } from '../../../main/workspace/own-words'
import { calls } from '../../../preload/contract/bridge'
import { ownWordLimits } from '../../../preload/contract/spelling'
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

async function opened(at = vault): Promise<{ words: OwnWords; heard: (readonly string[])[] }> {
  const heard: (readonly string[])[] = []
  const words = new OwnWords((list) => heard.push(list))
  await words.open(at)
  return { words, heard }
}

describe('the words that a person added', () => {
  it('are kept, sealed and sorted, each once', async () => {
    const { words, heard } = await opened()
    expect(words.list).toEqual([])
    expect(disk.values.size).toBe(0)
    await words.add('Zwimmerling')
    expect(await words.add('äpfeln')).toEqual(['äpfeln', 'Zwimmerling'])
    expect(await words.add('Zwimmerling')).toEqual(['äpfeln', 'Zwimmerling'])
    expect(heard).toEqual([['Zwimmerling'], ['äpfeln', 'Zwimmerling']])
    expect((await opened()).words.list).toEqual(['äpfeln', 'Zwimmerling'])
    for (const sealed of disk.values.values())
      expect(Buffer.from(sealed).toString('latin1')).not.toContain('Zwimmerling')
    expect(await words.remove('Zwimmerling')).toEqual(['äpfeln'])
    expect((await opened()).words.list).toEqual(['äpfeln'])
  })

  it('have an end', async () => {
    const many = Array.from({ length: ownWordLimits.number }, (_, index) => `word${index}`)
    await vault.write('words', id, many)
    const { words } = await opened()
    await expect(words.add('oneMore')).rejects.toMatchObject({ code: 'WORDS_FULL' })
    await words.remove('word7')
    expect(await words.add('oneMore')).toHaveLength(ownWordLimits.number)
  })

  it('are the sound ones of a record, and none of a damaged one, which is kept aside', async () => {
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
    expect((await opened()).words.list).toEqual(['sound', 'x'.repeat(64)])
    await vault.write('words', id, { words: ['sound'] })
    expect((await opened()).words.list).toEqual([])
    const before = disk.values.size
    const { words } = await opened(vaultWith(8))
    expect(await words.add('new')).toEqual(['new'])
    expect(disk.values.size).toBe(before + 1)
  })

  it('are not replaced while the store cannot be read', async () => {
    await vault.write('words', id, ['kept'])
    const broken = vaultWith(7)
    broken.find = () => Promise.reject(new Error('the disk does not answer'))
    const { words } = await opened(broken)
    await expect(words.add('new')).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(words.remove('kept')).rejects.toMatchObject({ code: 'CLOSED' })
    expect((await opened()).words.list).toEqual(['kept'])
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
