import type { Bridge, Calls, Events, Given, Outcome } from '../preload/contract/bridge'

declare global {
  interface Window {
    /** Put there by the preload script. */
    readonly swarmpad: Bridge
  }
}

/** Calls to the main process, and events from it. */
export interface Api {
  /** Makes a call. Never rejects: transport errors are an Outcome too. */
  call<Name extends keyof Calls>(name: Name, ...args: Given<Name>): Promise<Outcome<ReturnType<Calls[Name]>>>
  /** Listens to an event; the result stops listening. */
  on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void
}

const unanswered = {
  ok: false,
  code: 'CLOSED',
  message: 'Swarmpad did not answer. If this goes on, close it and start it again; what is saved stays.',
} as const

/** The bridge as the window uses it. This is the only reader of `window.swarmpad`. */
export function connectApi(): Api {
  const bridge = window.swarmpad
  return {
    async call<Name extends keyof Calls>(name: Name, ...args: Given<Name>) {
      // The bridge maps each name to its own parameters, which TypeScript cannot follow through a generic.
      const ask = bridge[name] as (...args: Given<Name>) => Promise<Outcome<ReturnType<Calls[Name]>>>
      try {
        return await ask(...args)
      } catch {
        return unanswered
      }
    },
    on: (event, listener) => bridge.on(event, listener),
  }
}
