import { contextBridge, ipcRenderer } from 'electron'
import { type Bridge, callChannel, callNames, type Events, eventChannel, eventNames } from './contract/bridge'

const calls = Object.fromEntries(
  callNames.map((name) => [name, (...args: unknown[]) => ipcRenderer.invoke(callChannel(name), ...args)]),
)

/** Listens to one of the contract's events, and to nothing else that arrives. */
function on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void {
  if (!eventNames.includes(event)) throw new Error('Unknown event')
  const heard = (_: unknown, detail: Events[Name]): void => listener(detail)
  ipcRenderer.on(eventChannel(event), heard)
  return () => ipcRenderer.off(eventChannel(event), heard)
}

contextBridge.exposeInMainWorld('swarmpad', { ...calls, on } as Bridge)
