import { expect, it } from 'vitest'
import { BackupController } from '../../../../main/electron/calls/backup-calls'
import { FileTurn } from '../../../../main/electron/calls/stoppable-run'
import type { Workspace } from '../../../../main/workspace/workspace'

it('a restore without a chosen file asks the person to choose one again', async () => {
  const controller = new BackupController(new FileTurn(), () => undefined)
  const desktop = { askWhereToSave: async () => null, askWhatToOpen: async () => null }
  const { restoreBackup } = controller.handlers({} as Workspace, desktop)
  const restored = restoreBackup('a passphrase')
  await expect(restored).rejects.toMatchObject({ code: 'REQUEST_LATE', data: { of: 'file' } })
})
