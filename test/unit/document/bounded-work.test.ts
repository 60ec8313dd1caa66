import { ChangeSet } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { readChangeHeader } from '../../../main/document/change-header'
import { readOperations } from '../../../main/document/change-operations'
import { createHandle, genesisChange } from '../../../main/document/genesis'
import { Rope } from '../../../main/document/rope'
import { hex } from '../../../main/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { Author } from '../../support/author'

const keys = keysFromWrite(Buffer.alloc(32, 31))

describe('a long paste (D3)', () => {
  const ada = new Author(keys, 0)
  const text = `${'words and 😀 '.repeat(3_500)}end`

  it('is cut into changes of 500 operations at most, and arrives whole', () => {
    ada.replica.edit(ChangeSet.of({ from: 0, insert: text }, 0))
    const changes = ada.replica.commit()
    const counts = changes.map(({ bytes }) => readOperations(readChangeHeader(bytes)).count)
    expect(Math.max(...counts)).toBeLessThanOrEqual(500)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan([...text].length)
    ada.replica.edit(ChangeSet.of({ from: 10, to: 5_000 }, text.length))
    for (const { bytes } of ada.replica.commit())
      expect(readOperations(readChangeHeader(bytes)).count).toBeLessThanOrEqual(500)
  })

  it('that is received with a change of the own text between its slices gives one text', () => {
    const [cy, dan] = [new Author(keys, 1), new Author(keys, 2)]
    cy.write([{ from: 0, to: 0, insert: text }])
    dan.replica.take(cy.sealed(0, 1))
    let writes = 0
    while (dan.replica.isBehind) {
      dan.replica.next()
      dan.write([{ from: dan.text.length, to: dan.text.length, insert: ` ${writes++}` }])
    }
    expect(writes).toBeGreaterThan(1)
    cy.take(dan, writes)
    expect(cy.text === dan.text).toBe(true)
    expect(cy.text === cy.reread()).toBe(true)
  })
})

describe('pages', () => {
  it('nest no deeper than others take, however long somebody writes into the middle (D6)', () => {
    const handle = createHandle('ab'.repeat(32))
    handle.applyChanges([genesisChange(keys.documentId)])
    const rope = new Rope(handle, `1@${hex(keys.documentId)}`)
    let text = ''
    for (let step = 0; step < 90; step++) {
      const from = Math.floor(text.length / 2)
      const insert = `${step} `.padEnd(2_048, 'x')
      rope.edit({ from, to: from, insert }, () => 500)
      text = text.slice(0, from) + insert + text.slice(from)
    }
    expect(rope.depth()).toBeLessThanOrEqual(64)
    expect(rope.read()).toBe(text)
    handle.free()
  })
})
