import { SwarmpadError } from '../base/errors'
import type { SharedDocument } from './shared-document'

/**
 * Resolves when all of a document's text is durable. Rejects with SAVING_HINDERED, in the words of its status, as
 * soon as something keeps it from being saved; the text is kept then, and saved when that is over.
 */
export async function savedOrHindered(document: SharedDocument): Promise<void> {
  let stop: () => void = () => undefined
  const hindered = new Promise<never>((_, reject) => {
    stop = document.on('status', ({ status: { problem } }) => {
      if (problem !== null) reject(new SwarmpadError('SAVING_HINDERED', { problem }))
    })
  })
  await Promise.race([document.saved(), hindered]).finally(stop)
}
