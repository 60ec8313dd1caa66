import { expect, it, vi } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { SwarmpadError } from '../../../main/base/errors'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import type { Range } from '../../../main/storage/store'
import { Workspace } from '../../../main/workspace/workspace'
import { InlineReplicas } from '../../support/inline-replica'
import { inlineSearch } from '../../support/inline-search'
import { ManualNetwork } from '../sync/world'

/** A database that cannot be read where the certificates of a document lie. */
class UnreadableStore extends MemoryStore {
  documentId = ''

  override async *entries(range: Range): AsyncIterable<[Uint8Array, Uint8Array]> {
    const start = Buffer.from(range.gte).toString('latin1')
    if (this.documentId && start.startsWith(`c${this.documentId}`))
      throw new SwarmpadError('STORE_DAMAGED', { part: 'document' })
    yield* super.entries(range)
  }
}

const open = async (disk: MemoryDisk, documentId = '') => {
  const store = new UnreadableStore(disk)
  store.documentId = documentId
  const replicas = new InlineReplicas(() => 0)
  const workspace = new Workspace({
    store,
    network: new ManualNetwork(Buffer.alloc(32)),
    environment: systemEnvironment,
    startReplica: replicas.start,
    startSearch: inlineSearch,
    masterKey: async () => Buffer.alloc(32, 9),
    name: 'Ada',
  })
  await workspace.open()
  return workspace
}

it('what went wrong while a profile was opened is told to whoever listens first, and once', async () => {
  const disk = new MemoryDisk()
  const before = await open(disk)
  for (const title of ['one', 'two']) await (await before.createDocument({ title })).close()
  await before.close()
  const [first = '', second = ''] = [...disk.values.keys()].filter((name) => name[0] === 'r')
  disk.values.set(first, Buffer.alloc(50))
  const workspace = await open(disk, second.slice(1))
  // Both are found out before anyone listens.
  const [{ id } = expect.fail()] = workspace.summaries()
  await expect(workspace.document(id)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  const heard: string[] = []
  workspace.on('notice', ({ message }) => heard.push(message))
  workspace.on('notice', ({ message }) => heard.push(`again: ${message}`))
  await vi.waitFor(() => expect(heard.length).toBe(4))
  expect(heard.filter((message) => !message.startsWith('again'))).toEqual([
    expect.stringMatching(/^One document of this profile cannot be shown: .* is damaged/),
    expect.stringMatching(/^“(one|two)” could not be opened: .* is damaged/),
  ])
  await workspace.close()
})
