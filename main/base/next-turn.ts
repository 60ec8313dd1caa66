/** Resolves in the next turn of the event loop, so that long work in slices does not hold up the thread. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
