import { beforeEach, describe, expect, it } from 'vitest'
import type { DocumentSummary } from '../../../../preload/contract/library'
import { Arranging } from '../../../../renderer/features/library/arranging'
import { Toasts } from '../../../../renderer/features/toasts/toasts.svelte'
import { Border } from '../border'
import { documentOf } from './summaries'

let border: Border
let toasts: Toasts
let documents: DocumentSummary[]
let arranging: Arranging
beforeEach(() => {
  border = new Border()
  toasts = new Toasts()
  documents = [documentOf('a', { folder: 'x' }), documentOf('b', { folder: 'x/y' })]
  arranging = new Arranging(border, toasts, (id) => documents.find((one) => one.id === id) ?? null)
})

const asked = () => border.asked.map((call) => call.replace(/ \[object.*/, ''))
const told = () => toasts.list.map(({ message }) => message)

describe('arranging documents', () => {
  it('moves nothing where a folder would lie too deep', async () => {
    expect(await arranging.renameFolder(documents, ['x', 'x/y'], 'x', '1/2/3/4/5/6/7/8')).toBe(false)
    expect([asked(), told()]).toEqual([[], ['At most 8 folders can lie in each other.']])
    expect(await arranging.renameFolder(documents, ['x', 'x/y'], 'x', '1/2/3/4/5/6/7')).toBe(true)
    expect(asked()).toEqual(['arrange a', 'arrange b'])
  })

  it('offers a way back for the part that moved before something failed', async () => {
    const refused = { ok: false, code: 'STORE_WRITE_FAILED', message: 'The disk is full.' } as const
    border.answers.arrange = () => (asked().at(-1) === 'arrange b' ? refused : { ok: true, value: null })
    expect(await arranging.renameFolder(documents, ['x', 'x/y'], 'x', 'z')).toBe(false)
    expect(told().sort()).toEqual(['The disk is full.', '“a” was moved to “z”.'])
    toasts.list.find(({ action }) => action)?.action?.run()
    expect(asked()).toEqual(['arrange a', 'arrange b', 'arrange a'])
  })

  it('asks for as many documents at once as one call may have', async () => {
    const many = new Map(Array.from({ length: 10_001 }, (_, index) => [`${index}`, documentOf(`${index}`)]))
    await new Arranging(border, toasts, (id) => many.get(id) ?? null).pin([...many.keys()], true)
    expect(asked().map((call) => call.split(',').length)).toEqual([10_000, 1])
    expect(told()).toEqual(['10,001 documents were pinned.'])
  })
})
