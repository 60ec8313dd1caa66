import { SwarmpadError } from '../base/errors'
import type { SharedDocument } from './shared-document'

/**
 * Resolves when all of a document's text is durable. Rejects with SAVING_HINDERED as soon as its status has a
 * problem; the text is kept in memory then, and saved when the problem is over.
 */
export async function savedOrHindered(document: SharedDocument): Promise<void> {
  let stop: () => void = () => undefined
  const hindered = new Promise<never>((_, reject) => {
    stop = document.on('looked', () => {
      const { problem } = document
      if (problem !== null) reject(new SwarmpadError('SAVING_HINDERED', { problem }))
    })
  })
  await Promise.race([document.saved(), hindered]).finally(stop)
}
