import type { DocumentId } from '../../../preload/contract/ids'

/** System services that the call handlers use. */
export interface DesktopServices {
  /** Puts text on the clipboard. */
  copy(text: string): void
  /** Asks where to save; resolves to null if the person cancels. */
  askWhereToSave(fileName: string): Promise<string | null>
  /** Asks which files to open, or (`sealed`) which one of Swarmpad's; resolves to none if the person cancels. */
  askWhatToOpen(sealed: boolean): Promise<readonly string[]>
  /** Asks for a folder to import, or for one to write files into; resolves to null if the person cancels. */
  askForFolder(to: 'import' | 'export' | 'copies'): Promise<string | null>
  /** Asks if the computer that shows these letters may act as this person. */
  askToAllow(letters: string): Promise<boolean>
  /** Writes a file atomically. Rejects with STORE_WRITE_FAILED, or as the pieces do. */
  writeFile(
    path: string,
    content: string | Uint8Array | AsyncIterable<string>,
    what: 'copy' | 'picture',
  ): Promise<void>
  /**
   * Opens an address of a document in the system's browser or mail program. Asks the person first, unless its site is
   * allowed there. Rejects with REQUEST_LATE while it asks.
   */
  openExternal(document: DocumentId, address: string): Promise<void>
}
