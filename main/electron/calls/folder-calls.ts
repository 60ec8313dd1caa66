import { basename } from 'node:path'
import { errorWords } from '../../../preload/messages/errors'
import { titleWords } from '../../../preload/messages/format'
import type { SwarmpadError } from '../../base/errors'
import type { FolderRun } from '../../files/import-folder'
import { hideLinks } from '../../keys/link-text'
import type { Workspace } from '../../workspace/workspace'
import type { BackupTurn } from './backup-calls'
import type { DesktopServices } from './desktop-services'
import type { FolderHandlers } from './handlers'

/** Minimum interval between progress events to the window, in ms. */
const progressInterval = 100

/** Imports and exports folders for one window. */
export class FolderController {
  private readonly turn: BackupTurn
  private readonly onProgress: (done: number) => void
  private running: AbortController | null = null

  /**
   * `turn` belongs to all windows together; `onProgress` receives the progress, from 0 to 1, at most ten times a
   * second.
   */
  constructor(turn: BackupTurn, onProgress: (done: number) => void) {
    this.turn = turn
    this.onProgress = onProgress
  }

  /** Stops what this window imports or exports, if anything. */
  stop(): void {
    this.running?.abort()
  }

  /** Returns the handlers of the window's calls. */
  handlers(workspace: Workspace, desktop: Pick<DesktopServices, 'askForFolder'>): FolderHandlers {
    return {
      importFolder: async () => {
        const path = await desktop.askForFolder('import')
        if (path === null) return null
        const { added, problems, ...report } = await this.run((run) => workspace.folders.import(path, run))
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
        const { problems, ...report } = await this.run((run) => workspace.folders.export(path, run))
        const words = problems.map(({ title, error }) => `“${titleWords(title)}”: ${plainWords(error)}`)
        return { ...report, path, problems: words }
      },
      stopFolder: () => {
        this.stop()
        return null
      },
    }
  }

  private run<T>(work: (run: FolderRun) => Promise<T>): Promise<T> {
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

const plainWords = (error: SwarmpadError): string => hideLinks(errorWords(error))
