import { contextBridge, ipcRenderer, webUtils } from 'electron'
import {
  type Bridge,
  type CallWithFiles,
  callChannel,
  callNames,
  type Events,
  eventChannel,
  eventNames,
} from './contract/bridge'
import { callsWithFiles } from './contract/files'

const calls = Object.fromEntries(
  callNames.map((name) => [name, (...args: unknown[]) => ipcRenderer.invoke(callChannel(name), ...args)]),
)

// The page gives the files, and never a path: it could name any file of the computer.
const fileCalls = Object.fromEntries(
  callsWithFiles.map((name: CallWithFiles) => [
    name,
    (files: readonly File[]) => ipcRenderer.invoke(callChannel(name), pathsOf(files)),
  ]),
)

/** Returns the paths of files; null for anything else, which the main process refuses. */
function pathsOf(files: readonly File[]): string[] | null {
  try {
    return [...files].map((file) => webUtils.getPathForFile(file))
  } catch {
    return null
  }
}

/** Listens to one of the contract's events, and to nothing else that arrives. */
function on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void {
  if (!eventNames.includes(event)) throw new Error('Unknown event')
  const heard = (_: unknown, detail: Events[Name]): void => listener(detail)
  ipcRenderer.on(eventChannel(event), heard)
  return () => ipcRenderer.off(eventChannel(event), heard)
}

contextBridge.exposeInMainWorld('swarmpad', { ...calls, ...fileCalls, on } as Bridge)
