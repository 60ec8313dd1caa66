import { expect, it, vi } from 'vitest'
import { systemEnvironment } from '../../../main/environment'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { Workspace } from '../../../main/workspace'
import { InlineReplicas } from '../../support/inline-replica'
import { ManualNetwork } from '../sync/world'

const open = async (disk: MemoryDisk) => {
  const replicas = new InlineReplicas(() => 0)
  const workspace = new Workspace({
    store: new MemoryStore(disk),
    network: new ManualNetwork(Buffer.alloc(32)),
    environment: systemEnvironment,
    startReplica: replicas.start,
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
  const [record, tip] = ['r', 't'].map((kind) => [...disk.values.keys()].filter((name) => name[0] === kind))
  disk.values.set(record?.[0] ?? '', Buffer.alloc(50))
  disk.values.set(tip?.find((name) => name.slice(1, 33) === record?.[1]?.slice(1)) ?? '', Buffer.alloc(50))
  const workspace = await open(disk)
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
