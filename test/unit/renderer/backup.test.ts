import { describe, expect, it } from 'vitest'
import { restoredWords, savedWords } from '../../../renderer/features/backup/backup.svelte'

const nothing = { person: false, added: [], grown: 0, known: 0, incomplete: [] }

describe('what is said of a file', () => {
  it('that was saved', () => {
    expect(savedWords('/x', [], [])).toBe('Saved as /x')
    expect(savedWords('/x', ['A', 'B'], [])).toContain('“A” and “B” are damaged')
    expect(savedWords('/x', ['A', 'B', 'C', 'D', 'E'], [])).toContain('“A”, “B”, “C” and 2 more are damaged')
    expect(savedWords('/x', [], ['A'])).toBe(
      'Saved as /x. What you typed last in “A” is not saved on this computer, and not in the file.',
    )
  })

  it('that was restored', () => {
    const profile = { ...nothing, kind: 'profile' } as const
    expect(restoredWords({ ...profile, person: true, added: ['a', 'b'] })).toEqual([
      'Welcome back.',
      '2 documents were added.',
    ])
    expect(restoredWords({ ...profile, grown: 1, known: 2 })).toEqual([
      'No documents were added.',
      'One document here already got what it lacked.',
      '2 documents had everything already.',
    ])
    expect(restoredWords({ ...nothing, kind: 'document', added: ['a'], incomplete: ['A'] })).toEqual([
      'The document is in your library now.',
      'Not everything could be taken of “A”. What is missing comes from the people you share it with, if they have it.',
    ])
    expect(restoredWords({ ...nothing, kind: 'document', known: 1 })[0]).toContain('is here already')
  })
})
