import type { Outcome } from '../../../preload/contract/bridge'
import type { DocumentId } from '../../../preload/contract/ids'
import { maxArranged } from '../../../preload/contract/library'
import { valueOrToast } from '../../state/outcomes'
import type { Toasts } from '../toasts/toasts.svelte'

/**
 * Makes a call for documents, several times where one call may not have them all. Resolves to the documents for which it
 * succeeded; after a call that fails, which a toast reports, none follows.
 */
export async function inCalls(
  ids: readonly DocumentId[],
  toasts: Toasts,
  call: (ids: DocumentId[]) => Promise<Outcome<null>>,
): Promise<ReadonlySet<DocumentId>> {
  const done = new Set<DocumentId>()
  for (let at = 0; at < ids.length; at += maxArranged) {
    const part = ids.slice(at, at + maxArranged)
    if (!valueOrToast(await call(part), toasts)) break
    for (const id of part) done.add(id)
  }
  return done
}
