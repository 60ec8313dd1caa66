import type { Desk } from './desk'

/** Times between the frames of a window, and of its tasks above 50 ms, in ms. */
export interface Frames {
  readonly gaps: readonly number[]
  readonly tasks: readonly number[]
}

declare global {
  interface Window {
    watched?: { gaps: number[]; tasks: number[] }
  }
}

/** Watches a window's frames from now on. */
export async function watchFrames({ page }: Desk): Promise<void> {
  await page.evaluate(watch)
}

/** The frames of a watched window while something runs. */
export async function framesDuring({ page }: Desk, run: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate(() => {
    window.watched = { gaps: [], tasks: [] }
  })
  await run()
  return page.evaluate(() => window.watched ?? { gaps: [], tasks: [] })
}

/** Runs in the page: notes the times between frames, and long tasks. */
function watch(): void {
  let last = performance.now()
  const frame = (now: number): void => {
    window.watched?.gaps.push(now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.watched?.tasks.push(duration)
  }).observe({ entryTypes: ['longtask'] })
}
