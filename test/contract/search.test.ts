import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keysFromWrite } from '../../main/keys/derive'
import { formatLink } from '../../main/keys/link'
import type { SharedDocument } from '../../main/workspace/shared-document'
import type { SearchQuery, SearchState } from '../../preload/contract/search'
import { DiskProfile } from '../support/disk-profile'

let folder: string
let profile: DiskProfile
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-search-'))
  profile = await open()
})
afterEach(async () => {
  await profile.close()
  await rm(folder, { recursive: true })
})

const open = () => DiskProfile.open({ directory: folder, name: 'Ada' })

async function write(text: string): Promise<SharedDocument> {
  const document = await profile.workspace.createDocument({ text })
  await document.saved()
  return document
}

/** Resolves to the last state of a search. */
function search(text: string, kind: SearchQuery['kind'] = 'words'): Promise<SearchState> {
  return new Promise((resolve) => {
    profile.workspace.search({ text, kind }, (state) => state.done && resolve(state))
  })
}

const found = async (text: string, kind: SearchQuery['kind'] = 'words') =>
  (await search(text, kind)).hits.map(({ title }) => title)

describe('a search in all documents', () => {
  it('finds what was typed a moment ago, and what was stored before the program was started again', async () => {
    const plans = await write('# Plans\n\nThe Zürich conference is in März.\n')
    await write('# Shopping\n\nMilk\n')
    const state = await search('zurich marz')
    expect(state).toMatchObject({ done: true, searched: 2, documents: 2, failure: null })
    const [hit = expect.fail()] = state.hits
    expect(hit).toMatchObject({ id: plans.id, title: 'Plans', where: 'text', count: 2 })
    expect(hit.marks.map(([from, to]) => hit.line.slice(from, to))).toEqual(['Zürich', 'März'])
    expect((await plans.text()).slice(hit.at?.from, hit.at?.to)).toBe('Zürich')

    await plans.edit([{ from: 0, to: 0, insert: 'kumquat ' }])
    expect(await found('kumquat')).toHaveLength(1)
    await profile.close()
    profile = await open()
    expect(await found('KUMQUAT')).toHaveLength(1)
  })

  it('lists and finds a document by the title that it was made with, whatever the title is in Markdown', async () => {
    const title = '_private_ 2*3*4 `kumquat`'
    const made = await profile.workspace.createDocument({ title })
    await made.saved()
    expect(await made.text()).toBe('# \\_private\\_ 2\\*3\\*4 \\`kumquat\\`\n\n')
    expect(await found('kumquat')).toEqual([title])
  })

  it('does not find a removed document, and finds it again when it is restored', async () => {
    const { id } = await write('# Secret\n\nxylophone\n')
    expect(await found('xylophone')).toEqual(['Secret'])
    await profile.workspace.removeDocuments([id])
    expect(await found('xylophone')).toEqual([])
    await profile.workspace.restoreDocuments([id])
    expect(await found('xylophone')).toEqual(['Secret'])
  })

  it('has nothing to do with a document that is kept for others alone', async () => {
    await write('apple')
    await profile.workspace.keepDocument(formatLink(keysFromWrite(randomBytes(32)), 'keep'))
    expect(await search('apple')).toMatchObject({ searched: 1, documents: 1 })
  })

  it('knows tags and links of texts, at the next start too', async () => {
    const target = await write('# Garden\n')
    await write('---\ntags: [green, Work]\n---\n# Notes\n\nSee [[garden]]. #later\n')
    const tags = () => profile.workspace.summaries().find(({ title }) => title === 'Notes')?.tags
    expect((await profile.workspace.backlinks(target.id)).map(({ title, line }) => [title, line])).toEqual([
      ['Notes', 'See [[garden]]. #later'],
    ])
    expect(tags()).toEqual(['green', 'later', 'Work'])
    await profile.close()
    profile = await open()
    await vi.waitFor(() => expect(tags()).toEqual(['green', 'later', 'Work']))
    expect(await profile.workspace.backlinks(target.id)).toHaveLength(1)

    await write('# Late\n\n#typed-last\n')
    await profile.close()
    profile = await open()
    const last = () => profile.workspace.summaries().find(({ title }) => title === 'Late')?.tags
    await vi.waitFor(() => expect(last()).toEqual(['typed-last']))
  })

  it('gives the headings of a text, with what was typed a moment ago', async () => {
    const plan = await write('# Plan\n\n```\n# code\n```\n\n## The *costs*\n\n## Plan\n')
    await plan.edit([{ from: 0, to: 0, insert: '## First\n\n' }])
    expect(await profile.workspace.headings(plan.id)).toEqual(['First', 'Plan', 'The costs'])
    await expect(profile.workspace.headings('0'.repeat(64))).rejects.toMatchObject({
      code: 'DOCUMENT_UNKNOWN',
    })
  })
})
