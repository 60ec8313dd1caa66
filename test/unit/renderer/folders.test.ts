import { expect, it } from 'vitest'
import type { ExportedFolder } from '../../../preload/contract/folders'
import { FoldersState } from '../../../renderer/features/folders/folders.svelte'
import { Border } from './border'

const report: ExportedFolder = { path: 'Texts', written: 2, same: 0, problems: [], failed: 0, isWhole: true }

it('shows how far an export is, also where the result of the one before is still shown', async () => {
  const border = new Border()
  border.answers.exportFolder = () => ({ ok: true, value: report })
  const folders = new FoldersState(border, () => undefined)
  const stop = folders.start()
  await folders.export()
  expect(folders.work?.progress).toBeNull()
  const again = folders.export()
  border.tell('folderProgress', { done: 0.25 })
  expect(folders.work).toMatchObject({ kind: 'export', progress: 0.25 })
  await again
  expect(folders.work?.progress).toBeNull()
  stop()
})
