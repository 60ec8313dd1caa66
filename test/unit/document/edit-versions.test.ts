import { ChangeSet } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { EditVersions, peerClient } from '../../../main/document/edit-versions'
import { toText } from '../../../preload/text'

const insert = (from: number, text: string, length: number, clientID = 'window') => ({
  clientID,
  changes: ChangeSet.of({ from, insert: text }, length, '\n').toJSON(),
})
const code = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'nothing thrown'
}

describe('the versions of a text', () => {
  it('count each edit and rebase one that was made before others', () => {
    const versions = new EditVersions(toText('0123'))
    versions.push(0, [insert(0, 'ab', 4)])
    versions.add(ChangeSet.of({ from: 0, insert: '>' }, 6, '\n'))
    expect(versions.version).toBe(2)
    const done = versions.push(0, [insert(4, '!', 4, 'other')])
    expect(versions.text.toString()).toBe('>ab0123!')
    expect(done.toJSON()).toEqual([7, [0, '!']])
    expect(versions.since(1).map(({ clientID }) => clientID)).toEqual([peerClient, 'other'])
    expect(versions.place(4, 0)).toBe(8)
  })

  it('are given up to date or not at all', () => {
    const versions = new EditVersions(toText(''))
    for (const wrong of [-1, 1, 0.5, Number.NaN])
      expect(code(() => versions.since(wrong))).toBe('VERSION_GONE')
    for (let version = 0; version < 5_000; version++) versions.push(version, [insert(0, 'x', version)])
    expect(code(() => versions.push(0, [insert(0, 'x', 0)]))).toBe('VERSION_GONE')
    versions.push(4_000, [insert(0, 'y', 4_000, 'other')])
    expect(versions.version).toBe(5_001)
    expect(versions.text.length).toBe(5_001)
  })

  it('stay as they are when an edit does not fit', () => {
    const versions = new EditVersions(toText('abc'))
    const wrong = [
      [insert(0, 'x', 99)],
      [insert(0, 'x', 3), insert(0, 'x', 3)],
      [{ clientID: 'window', changes: 'nonsense' }],
      [{ clientID: 'window', changes: [[1, 'x'.repeat(16 * 1024 * 1024 + 1)], 2] }],
      [{ clientID: 'window', changes: [[1, 'one\ntwo'], 2] }],
    ]
    for (const updates of wrong) expect(code(() => versions.push(0, updates))).toBe('EDIT_INVALID')
    expect([versions.version, versions.text.toString()]).toEqual([0, 'abc'])
  })

  it('take a line with U+000D in it as it is: undo may bring back what others wrote (D7)', () => {
    const versions = new EditVersions(toText('abc'))
    versions.push(0, [{ clientID: 'window', changes: [[1, 'one\rtwo\r', 'three'], 2] }])
    expect([versions.text.toString(), versions.text.lines]).toEqual(['one\rtwo\r\nthreebc', 2])
  })

  it('hold no half of a surrogate pair', () => {
    const versions = new EditVersions(toText('a🙂b'))
    const half = ChangeSet.of({ from: 1, to: 2 }, 4, '\n')
    versions.push(0, [{ clientID: 'window', changes: half.toJSON() }])
    expect(versions.text.toString()).toBe('a\ufffdb')
    expect(versions.version).toBe(2)
  })
})
