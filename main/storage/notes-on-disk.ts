import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import type { NotesFile } from './store'

/** Notes in a separate file, which its owner alone can read. It stays open from the first write on. */
export class NotesOnDisk implements NotesFile {
  private readonly path: string
  private file: FileHandle | null = null

  /** Does no I/O. */
  constructor(path: string) {
    this.path = path
  }

  async read(): Promise<Uint8Array> {
    return readFile(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return new Uint8Array(0)
      throw error
    })
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.file ??= await open(this.path, 'a', 0o600)
    await this.file.writeFile(bytes)
  }

  async replace(bytes: Uint8Array): Promise<void> {
    const draft = `${this.path}.draft`
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(bytes)
      // No system but Linux replaces a file that is open in all cases.
      await this.close()
      await rename(draft, this.path)
    } catch (error) {
      await file.close()
      throw error
    }
    // Its position is its end, where bytes are appended.
    this.file = file
  }

  async close(): Promise<void> {
    const { file } = this
    this.file = null
    await file?.close()
  }
}
