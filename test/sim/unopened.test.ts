import { afterEach, describe, expect, it } from 'vitest'
import type { SearchState } from '../../preload/contract/search'
import { Cluster } from '../support/cluster'
import { Computers } from '../support/computers'

let cluster: Cluster | null = null
afterEach(async () => {
  await cluster?.close()
  cluster = null
})

/** Two people, of whom the second keeps a document of the first without opening it. */
async function keepers(seed: number, text: string): Promise<{ run: Cluster; id: string }> {
  const run = new Cluster(seed, 2)
  cluster = run
  await run.open('together\n')
  const written = await run.workspace(0).createDocument({ text })
  const link = await written.link('read')
  await run.workspace(1).keepDocument(link)
  return { run, id: written.id }
}

async function search(run: Cluster, text: string): Promise<SearchState> {
  const states: SearchState[] = []
  run.workspace(1).search({ text, kind: 'words' }, (state) => states.push(state))
  expect(await run.until(async () => states.at(-1)?.done ?? false, 10_000)).toBe(true)
  return states.at(-1) ?? expect.fail()
}

const summary = (run: Cluster, id: string) =>
  run
    .workspace(1)
    .summaries()
    .find((document) => document.id === id)

describe('a document that was kept and never opened', () => {
  it('is read in the background, with its title and tags, and found from then on', async () => {
    const { run, id } = await keepers(61, '# Minutes\n\nThe quagga is extinct. #zoo\n')
    await run.settle()
    expect((await search(run, 'quagga')).hits).toEqual([])
    expect(await run.until(async () => summary(run, id)?.tags.includes('zoo') ?? false, 120_000)).toBe(true)
    expect(summary(run, id)?.title).toBe('Minutes')
    const { hits } = await search(run, 'quagga')
    expect(hits.map(({ id, title }) => ({ id, title }))).toEqual([{ id, title: 'Minutes' }])
  })

  it('is read again when more of it came', async () => {
    const { run, id } = await keepers(62, 'first\n')
    expect(await run.until(async () => (await search(run, 'first')).hits.length === 1, 120_000)).toBe(true)
    const written = await run.workspace(0).document(id)
    await written.edit([{ from: 0, to: 0, insert: 'okapi ' }])
    expect(await run.until(async () => (await search(run, 'okapi')).hits.length === 1, 120_000)).toBe(true)
  })

  it('is not read while someone types, nor if the person does not want it', async () => {
    const { run } = await keepers(63, 'quagga\n')
    const { settings } = run.workspace(1)
    await settings.set({ ...settings.value, searchUnopened: false })
    await run.wait(120_000)
    expect((await search(run, 'quagga')).hits).toEqual([])
    await settings.set({ ...settings.value, searchUnopened: true })
    for (let time = 0; time < 12; time++) {
      await run.type(1, 'x')
      await run.wait(10_000)
    }
    expect((await search(run, 'quagga')).hits).toEqual([])
    expect(await run.until(async () => (await search(run, 'quagga')).hits.length === 1, 120_000)).toBe(true)
  })

  it('is read though its log was closed meanwhile, also where it was closed at the start', async () => {
    const computers = new Computers(64)
    const [writer, keeper] = [computers.add('writer'), computers.add('keeper')]
    try {
      await writer.start('Ada')
      await keeper.start('Ben')
      const written = await computers.done(writer.workspace.createDocument({ text: '# Notes\n\nquagga\n' }))
      const link = await computers.done(written.link('read'))
      await computers.done(written.close())
      const want = async (searchUnopened: boolean) => {
        const { settings } = keeper.workspace
        await computers.done(settings.set({ ...settings.value, searchUnopened }))
      }
      await want(false)
      await computers.done(keeper.workspace.keepDocument(link))
      const found = () => keeper.workspace.summaries().some(({ title }) => title === 'Notes')
      const hasArrived = () => keeper.workspace.summaries().every(({ waiting }) => !waiting)
      await computers.until(hasArrived, 'the document to arrive')
      await writer.quit()
      // Longer than its log stays open.
      await computers.clock.advance(300_000)
      expect(found()).toBe(false)
      const before = new Map(keeper.disk.values)
      await want(true)
      await computers.until(found, 'it to be read')
      await keeper.quit()
      keeper.disk.values.clear()
      for (const [key, value] of before) keeper.disk.values.set(key, value)
      await keeper.start()
      await computers.clock.advance(5_000)
      expect(found()).toBe(false)
      await want(true)
      await computers.until(found, 'it to be read after a start')
    } finally {
      await computers.close()
    }
  })
})
