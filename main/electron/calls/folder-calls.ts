import { basename } from 'node:path'
import type { ExportedFolder } from '../../../preload/contract/folders'
import { errorWords } from '../../../preload/messages/errors'
import { titleWords } from '../../../preload/messages/format'
import type { SwarmpadError } from '../../base/errors'
import type { ExportReport } from '../../files/export-folder'
import { hideLinks } from '../../keys/link-text'
import type { Workspace } from '../../workspace/workspace'
import type { DesktopServices } from './desktop-services'
import type { FolderHandlers } from './handlers'
import { type FileTurn, StoppableRun } from './stoppable-run'

/** Imports and exports folders for one window. */
export class FolderController {
  private readonly work: StoppableRun

  /** `turn` belongs to all windows together; `onProgress` receives the progress, from 0 to 1. */
  constructor(turn: FileTurn, onProgress: (done: number) => void) {
    this.work = new StoppableRun(turn, onProgress)
  }

  /** Stops what this window imports or exports, if anything. */
  stop(): void {
    this.work.stop()
  }

  /** Returns the handlers of the window's calls. */
  handlers(workspace: Workspace, desktop: Pick<DesktopServices, 'askForFolder'>): FolderHandlers {
    return {
      importFolder: async () => {
        const path = await desktop.askForFolder('import')
        if (path === null) return null
        const { added, problems, ...report } = await this.work.do((run) =>
          workspace.folders.import(path, run),
        )
        return {
          ...report,
          name: basename(path),
          added: added.length,
          first: added[0] ?? null,
          problems: problems.map(plainWords),
        }
      },
      exportFolder: async () => {
        const path = await desktop.askForFolder('export')
        if (path === null) return null
        return exported(path, await this.work.do((run) => workspace.folders.export(path, run)))
      },
      saveCopies: async (ids) => {
        const path = await desktop.askForFolder('copies')
        if (path === null) return null
        return exported(path, await this.work.do((run) => workspace.folders.saveCopies(path, ids, run)))
      },
      stopFolder: () => {
        this.stop()
        return null
      },
    }
  }
}

const exported = (path: string, { problems, ...report }: ExportReport): ExportedFolder => ({
  ...report,
  path,
  problems: problems.map(({ title, error }) => `“${titleWords(title)}”: ${plainWords(error)}`),
})

const plainWords = (error: SwarmpadError): string => hideLinks(errorWords(error))
