import { SearchService } from '../../main/search/search-service'
import type { StartSearch } from '../../main/search/search-thread'

/** Searches in the test's own thread; messages go over in order, a turn later. */
export const inlineSearch: StartSearch = (listener) => {
  let live = true
  const soon = (work: () => void) => setImmediate(() => live && work())
  const service = new SearchService({
    answer: (message) => soon(() => listener.onMessage(message)),
    uptime: () => performance.now(),
    later: soon,
  })
  return {
    post: (message) => soon(() => service.take(structuredClone(message))),
    stop: () => {
      live = false
    },
  }
}
