import { basename } from 'node:path'
import type { BackupFile, Restored } from '../../../preload/contract/backup'
import type { DocumentId } from '../../../preload/contract/ids'
import { SwarmpadError } from '../../base/errors'
import { fileNameFor } from '../../files/file-name'
import type { Workspace } from '../../workspace/workspace'
import type { DesktopServices } from './desktop-services'
import type { BackupHandlers } from './handlers'
import { type FileTurn, StoppableRun } from './stoppable-run'

/**
 * Makes and restores sealed files for one window. Keeps the path of the chosen file; the window gets its name
 * only.
 */
export class BackupController {
  private readonly work: StoppableRun
  private chosen: string | null = null

  /** `turn` belongs to all windows together; `onProgress` receives the progress, from 0 to 1. */
  constructor(turn: FileTurn, onProgress: (done: number) => void) {
    this.work = new StoppableRun(turn, onProgress)
  }

  /** Aborts what this window makes or restores, if anything. */
  stop(): void {
    this.work.stop()
  }

  /** Selects a file for `restoreBackup`. Rejects with BACKUP_OTHER, BACKUP_NEWER or BACKUP_DAMAGED. */
  async choose(workspace: Workspace, path: string): Promise<BackupFile> {
    const { kind } = await workspace.backups.look(path)
    this.chosen = path
    return { kind, name: basename(path) }
  }

  /** Returns the handlers of the window's calls. */
  handlers(workspace: Workspace, desktop: Pick<DesktopServices, 'askWhereToSave'>): BackupHandlers {
    return {
      saveBackup: async (passphrase, id) => {
        const path = await desktop.askWhereToSave(fileNameFor(proposedName(workspace, id), 'swarmpad'))
        if (path === null) return { path, damaged: [], unsaved: [] }
        const { damaged, unsaved } = await this.work.do((run) =>
          workspace.backups.make({ path, passphrase, id, run }),
        )
        return { path, damaged: [...damaged], unsaved: [...unsaved] }
      },
      restoreBackup: (passphrase) => this.restore(workspace, passphrase),
      stopBackup: () => {
        this.stop()
        return null
      },
    }
  }

  private async restore(workspace: Workspace, passphrase: string): Promise<Restored> {
    const path = this.chosen
    if (path === null) throw new SwarmpadError('REQUEST_LATE', { of: 'file' })
    const { kind, person, added, grown, known, incomplete } = await this.work.do((run) =>
      workspace.backups.restore({ path, passphrase, run }),
    )
    this.chosen = null
    return {
      kind,
      person,
      added: [...added],
      grown: grown.length,
      known: known.length,
      incomplete: [...incomplete],
    }
  }
}

/** Default file name: a document's title, or the person's name and the date. */
function proposedName(workspace: Workspace, id: DocumentId | null): string {
  if (id !== null) return workspace.documents().find((document) => document.id === id)?.title ?? ''
  const day = new Date().toISOString().slice(0, 10)
  return `Swarmpad backup ${day} - ${workspace.profile().name}`
}
