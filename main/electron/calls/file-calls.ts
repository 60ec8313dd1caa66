import { pictureNameFor } from '../../files/file-name'
import type { Workspace } from '../../workspace/workspace'
import { openFiles, readFiles } from '../opened-files'
import type { BackupController } from './backup-calls'
import type { DesktopServices } from './desktop-services'
import type { FileHandlers } from './handlers'

/** Returns the handlers of a window's calls about files. */
export function fileCalls(
  workspace: Workspace,
  backups: BackupController,
  desktop: Pick<DesktopServices, 'askWhatToOpen' | 'askWhereToSave' | 'writeFile'>,
): FileHandlers {
  return {
    openFile: async (sealed) => {
      const paths = await desktop.askWhatToOpen(sealed)
      const [first] = paths
      if (!sealed || first === undefined) return openFiles(paths, workspace, backups)
      return { documents: [], backup: await backups.choose(workspace, first), problems: [] }
    },
    openFiles: (paths) => openFiles(paths, workspace, backups),
    readFiles,
    savePicture: async (name, bytes) => {
      const path = await desktop.askWhereToSave(pictureNameFor(name))
      if (path !== null) await desktop.writeFile(path, bytes, 'picture')
      return { path }
    },
  }
}
