import { basename } from 'node:path'
import type { BackupFile, Restored } from '../../../preload/contract/backup'
import type { DocumentId } from '../../../preload/contract/ids'
import { SwarmpadError } from '../../base/errors'
import { fileNameFor } from '../../files/file-name'
import type { Workspace } from '../../workspace/workspace'
import type { DesktopServices } from './desktop-services'
import type { BackupHandlers } from './handlers'

/** Minimum interval between progress events to the window, in ms. */
const progressInterval = 100

/** Lets one sealed file be made or restored at a time, whichever window asks. */
export class BackupTurn {
  private taken = false

  /** Does the work. Rejects with REQUEST_LATE while other work is under way. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.taken) throw new SwarmpadError('REQUEST_LATE', { of: 'backup' })
    this.taken = true
    try {
      return await work()
    } finally {
      this.taken = false
    }
  }
}

/**
 * Makes and restores sealed files for one window. Keeps the path of the chosen file; the window gets its name
 * only.
 */
export class BackupController {
  private readonly turn: BackupTurn
  private readonly onProgress: (done: number) => void
  private chosen: string | null = null
  private running: AbortController | null = null

  /**
   * `turn` belongs to all windows together; `onProgress` receives the progress, from 0 to 1, at most ten times a
   * second.
   */
  constructor(turn: BackupTurn, onProgress: (done: number) => void) {
    this.turn = turn
    this.onProgress = onProgress
  }

  /** Aborts what this window makes or restores, if anything. */
  stop(): void {
    this.running?.abort()
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
        const { damaged, unsaved } = await this.exclusively((run) =>
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
    const { kind, person, added, grown, known, incomplete } = await this.exclusively((run) =>
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

  private exclusively<T>(
    work: (run: { onProgress: (done: number, total: number) => void; signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    let reportedAt = 0
    const onProgress = (done: number, total: number) => {
      const now = performance.now()
      if (now - reportedAt < progressInterval) return
      reportedAt = now
      this.onProgress(total === 0 ? 1 : done / total)
    }
    return this.turn.take(async () => {
      const running = new AbortController()
      this.running = running
      try {
        return await work({ onProgress, signal: running.signal })
      } finally {
        this.running = null
      }
    })
  }
}

/** Default file name: a document's title, or the person's name and the date. */
function proposedName(workspace: Workspace, id: DocumentId | null): string {
  if (id !== null) return workspace.documents().find((document) => document.id === id)?.title ?? ''
  const day = new Date().toISOString().slice(0, 10)
  return `Swarmpad backup ${day} - ${workspace.profile().name}`
}
