import { expect, it } from 'vitest'
import { runCommand } from '../../../renderer/commands'
import { AppState } from '../../../renderer/state/app-state.svelte'
import { Border } from './border'

it('shows how far an export is, also where the result of the one before is still shown', async () => {
  const border = new Border()
  const report = { path: 'Texts', written: 2, same: 0, problems: [], failed: 0, isWhole: true }
  border.answers.exportFolder = () => ({ ok: true, value: report })
  const app = new AppState(border, runCommand)
  await app.start()
  await app.folders.export()
  expect(app.folders.work?.progress).toBeNull()
  const again = app.folders.export()
  border.tell('folderProgress', { done: 0.25 })
  expect(app.folders.work).toMatchObject({ kind: 'export', progress: 0.25 })
  await again
  expect(app.folders.work?.progress).toBeNull()
  await app.stop()
})
