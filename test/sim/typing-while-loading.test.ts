import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SharedDocument } from '../../main/workspace/shared-document'
import type { Caret } from '../../preload/contract/document'
import { Cluster } from '../support/cluster'
import { WindowPage } from '../support/window-page'

const paragraph = (index: number) =>
  `Paragraph ${index}: some words that stand here so that the text is long enough for the test.\n`
/** 105 kB. */
const text = Array.from({ length: 1_200 }, (_, index) => paragraph(index)).join('')

let cluster: Cluster
let page: WindowPage | null = null
beforeEach(() => {
  cluster = new Cluster(12, 2)
})
afterEach(async () => {
  page?.close()
  page = null
  await cluster.close()
})

/**
 * Two people have a long text; the first closes it, the other changes a letter near each end, and the first
 * opens it again: what is returned shows the text as it was and is still loading.
 */
async function reopened(): Promise<SharedDocument> {
  await cluster.open(text)
  await cluster.settle()
  const { id } = cluster.document(0)
  let closed = false
  void cluster
    .document(0)
    .close()
    .then(() => {
      closed = true
    })
  expect(await cluster.until(async () => closed, 10_000)).toBe(true)
  await cluster.type(1, 'X', 5)
  await cluster.type(1, 'Y', text.length - 4)
  cluster.document(1).setSelection({ version: cluster.document(1).version, ...behind('Paragraph 900:', 1) })
  await cluster.wait(5_000)
  const document = await cluster.reopen(0, id)
  const { status, text: shown } = document.opened()
  expect([status.loading, shown === text]).toEqual([true, true])
  return document
}

/** A selection of nothing behind words in the text of a site. */
function behind(words: string, site: number): { anchor: number; head: number } {
  const place = cluster.document(site).opened().text.indexOf(words) + words.length
  return { anchor: place, head: place }
}

const changed = `${text.slice(0, 5)}X${text.slice(5, -5)}Y${text.slice(-5)}`
const withWords = changed.replace('Paragraph 600:', 'Paragraph 600:[words]')

describe('what is typed into a long text while it is loaded', () => {
  it('stands where it was typed, for everyone', async () => {
    const document = await reopened()
    const { anchor } = behind('Paragraph 600:', 0)
    await document.edit([{ from: anchor, to: anchor, insert: '[words]' }])
    const texts = await cluster.settle()
    expect(texts.map((one) => one === withWords)).toEqual([true, true])
  })

  it('stands there on screen too, with the caret in it, and undo takes it out and nothing else', async () => {
    const document = await reopened()
    page = new WindowPage(document)
    const { anchor } = behind('Paragraph 600:', 0)
    page.edit({ changes: { from: anchor, insert: '[words]' }, selection: { anchor: anchor + 7 } })
    await cluster.settle()
    const shown = page
    expect(await cluster.until(async () => shown.text === withWords, 10_000)).toBe(true)
    expect(shown.state.selection.main.head).toBe(withWords.indexOf('[words]') + 7)
    shown.undo()
    const texts = await cluster.settle()
    expect([shown.text, ...texts].map((one) => one === changed)).toEqual([true, true, true])
  })

  it('leaves the carets of others where they stand', async () => {
    const document = await reopened()
    let carets: readonly Caret[] = document.opened().carets
    document.on('carets', (told) => {
      carets = told.carets
    })
    const { anchor } = behind('Paragraph 600:', 0)
    await document.edit([{ from: anchor, to: anchor, insert: '[words]' }])
    await cluster.settle()
    const place = withWords.indexOf('Paragraph 900:') + 14
    await cluster.until(async () => carets[0]?.head === place, 10_000)
    expect(carets).toMatchObject([{ anchor: place, head: place }])
  })

  it('stays there when the window has to load the text again', async () => {
    const document = await reopened()
    page = new WindowPage(document)
    await cluster.settle()
    const shown = page
    await cluster.until(async () => shown.text === changed, 10_000)
    shown.deaf = true
    await cluster.type(1, 'Z', 3)
    await cluster.type(1, 'Z', changed.length - 10)
    await cluster.settle()
    const { anchor } = behind('Paragraph 600:', 0)
    shown.edit({ changes: { from: anchor - 1, insert: '[words]' }, selection: { anchor: anchor + 6 } })
    await cluster.settle()
    shown.deaf = false
    await cluster.type(1, 'Z', 4)
    await cluster.settle()
    const [first] = await cluster.texts()
    expect(shown.text).toContain('Paragraph 600:[words] some')
    expect(shown.state.selection.main.head).toBe(shown.text.indexOf('[words]') + 7)
    expect(first).toBe(shown.text)
  })
})
