/** How long work goes on before others have their turn, in ms: half a frame. */
const slice = 8

/** Does work in slices, with pauses in which the page is free; resolves to its result, or to null once `isOver`. */
export async function inSlices<T>(work: Generator<void, T>, isOver: () => boolean): Promise<T | null> {
  for (;;) {
    const start = performance.now()
    do {
      const { done, value } = work.next()
      if (done) return value
    } while (performance.now() - start < slice)
    await new Promise((resolve) => setTimeout(resolve, 0))
    if (isOver()) return null
  }
}
