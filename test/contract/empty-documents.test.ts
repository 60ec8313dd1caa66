import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskProfile } from '../support/disk-profile'

let folder: string
let profile: DiskProfile
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-empty-'))
  profile = await DiskProfile.open({ directory: folder, name: 'Ada' })
})
afterEach(async () => {
  await profile.close()
  await rm(folder, { recursive: true })
})

const listed = () => profile.workspace.summaries().map(({ id }) => id)

describe('a document that was left', () => {
  it('goes for good if it never had a word', async () => {
    const { id } = await profile.workspace.createDocument()
    expect(await profile.workspace.dropEmpty(id)).toBe(true)
    expect(listed()).toEqual([])
    expect(profile.workspace.removed()).toEqual([])
  })

  it('can be restored if its words were deleted', async () => {
    const document = await profile.workspace.createDocument({ text: 'a thought' })
    await document.edit([{ from: 0, to: 9, insert: '' }])
    await document.saved()
    expect(await profile.workspace.dropEmpty(document.id)).toBe(true)
    expect(listed()).toEqual([])
    expect(profile.workspace.removed().map(({ id }) => id)).toEqual([document.id])
  })

  it('stays with a blank in it, with a link that was made, and as one that was opened by a link', async () => {
    const blank = await profile.workspace.createDocument({ text: ' ' })
    await blank.saved()
    const given = await profile.workspace.createDocument()
    await given.link('write')
    const made = await profile.workspace.createDocument()
    const link = await made.link('read')
    await profile.workspace.removeDocuments([made.id])
    const opened = await profile.workspace.openDocument(link)
    for (const { id } of [blank, given, opened]) expect(await profile.workspace.dropEmpty(id)).toBe(false)
    expect(listed().sort()).toEqual([blank.id, given.id, opened.id].sort())
  })

  it('stays if it is opened again at that moment, and keeps what is typed in it then', async () => {
    const made = await profile.workspace.createDocument()
    await made.close()
    const dropping = profile.workspace.dropEmpty(made.id)
    const again = await profile.workspace.document(made.id)
    expect(await dropping).toBe(false)
    await again.edit([{ from: 0, to: 0, insert: 'words' }])
    await again.saved()
    expect(listed()).toEqual([made.id])
  })

  it('keeps what is typed while it goes', async () => {
    const document = await profile.workspace.createDocument()
    let edit: Promise<void> | null = null
    profile.workspace.on('removed', () => {
      edit ??= document.edit([{ from: 0, to: 0, insert: 'words' }])
    })
    expect(await profile.workspace.dropEmpty(document.id)).toBe(true)
    await edit
    expect(profile.workspace.removed().map(({ id }) => id)).toEqual([document.id])
    await profile.workspace.restoreDocuments([document.id])
    const restored = await profile.workspace.document(document.id)
    await restored.settled()
    expect(await restored.text()).toBe('words')
  })

  it('that was removed before stays where it is', async () => {
    const { id } = await profile.workspace.createDocument()
    await profile.workspace.removeDocuments([id])
    expect(await profile.workspace.dropEmpty(id)).toBe(false)
    expect(profile.workspace.removed()).toHaveLength(1)
  })
})
