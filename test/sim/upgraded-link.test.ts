import { afterEach, expect, it } from 'vitest'
import { Cluster } from '../support/cluster'

let cluster: Cluster
afterEach(() => cluster.close())

it('a reader who opens the write link writes in the document that is open already', async () => {
  cluster = new Cluster(61, 2)
  cluster.readers.add(1)
  await cluster.open('The plan. ')
  await cluster.settle()
  const document = cluster.document(1)
  const edit = (insert: string) => document.edit([{ from: 0, to: 0, insert }])
  expect(document.role).toBe('read')
  await expect(edit('No. ')).rejects.toMatchObject({ code: 'ROLE_TOO_LOW' })
  const link = await cluster.document(0).link('write')
  const opening = cluster.workspace(1).openDocument(link)
  expect(await cluster.until(async () => document.role === 'write', 60_000)).toBe(true)
  expect(await opening).toBe(document)
  await edit('Yes. ')
  expect(await cluster.settle()).toEqual(['Yes. The plan. ', 'Yes. The plan. '])
})
