import type { Calls } from '../../../preload/contract/bridge'

/** Handlers for the calls of the contract; each rejects with a SwarmpadError. */
export type CallHandlers = {
  readonly [Name in keyof Calls]: (
    ...args: Parameters<Calls[Name]>
  ) => ReturnType<Calls[Name]> | Promise<ReturnType<Calls[Name]>>
}

/** Calls that are answered while the profile is still locked. */
export type LockHandlers = Pick<CallHandlers, 'lock' | 'unlock'>

/** Answers to a link that was offered to the person. */
export type LinkHandlers = Pick<CallHandlers, 'acceptLink' | 'declineLink'>

/** Calls about the protection of the profile's key. */
export type ProtectionHandlers = Pick<CallHandlers, 'protection' | 'setPassphrase' | 'declinePassphrase'>

/** Calls about sealed files. */
export type BackupHandlers = Pick<CallHandlers, 'saveBackup' | 'restoreBackup' | 'stopBackup'>

/** Calls about files. */
export type FileHandlers = Pick<CallHandlers, 'openFile' | 'openFiles' | 'readFiles' | 'savePicture'>

/** Calls about folders of files. */
export type FolderHandlers = Pick<CallHandlers, 'importFolder' | 'exportFolder' | 'saveCopies' | 'stopFolder'>

/** Calls about another computer of the same person. */
export type PairingHandlers = Pick<
  CallHandlers,
  'offerPairing' | 'copyPairingLink' | 'joinPairing' | 'agreePairing' | 'endPairing'
>

/** Calls about the check of spelling in all windows. */
export type SpellingHandlers = Pick<CallHandlers, 'spelling'>

/** Calls about the menu of the text. */
export type TextMenuHandlers = Pick<CallHandlers, 'showTextMenu'>

/** Calls about searching in all documents. */
export type SearchHandlers = Pick<
  CallHandlers,
  'search' | 'endSearch' | 'backlinks' | 'readTags' | 'headings'
>

/** Calls answered by the workspace and its documents. */
export type WorkspaceHandlers = Omit<
  CallHandlers,
  | keyof LockHandlers
  | keyof LinkHandlers
  | keyof ProtectionHandlers
  | keyof BackupHandlers
  | keyof FileHandlers
  | keyof FolderHandlers
  | keyof PairingHandlers
  | keyof SpellingHandlers
  | keyof SearchHandlers
  | keyof TextMenuHandlers
>
