import type { Answer, Request } from './expression-thread'
import { findMatches } from './find-matches'

/** The thread that runs expressions: one that never ends stops nobody from typing. */
addEventListener('message', ({ data: { id, search } }: MessageEvent<Request>) => {
  postMessage({ id, found: 'begun' } satisfies Answer)
  postMessage({ id, found: findMatches(search) } satisfies Answer)
})
