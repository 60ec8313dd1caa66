/** System services that the call handlers use. */
export interface DesktopServices {
  /** Puts text on the clipboard. */
  copy(text: string): void
  /** Asks where to save; null when the person cancelled. */
  askWhereToSave(fileName: string): Promise<string | null>
  /** Asks which file to open; `sealed` limits the choice to Swarmpad files. Null if the person cancels. */
  askWhatToOpen(sealed: boolean): Promise<string | null>
  /** Asks whether the computer that shows these letters may go on as this person. */
  askToAllow(letters: string): Promise<boolean>
  /** Writes a file whole or not at all. Rejects with STORE_WRITE_FAILED, or as the pieces do. */
  writeFile(path: string, text: string | AsyncIterable<string>): Promise<void>
  /** Asks the person, then opens an address in the system's browser or mail program. Rejects with REQUEST_LATE while it asks. */
  openExternal(address: string): Promise<void>
}
