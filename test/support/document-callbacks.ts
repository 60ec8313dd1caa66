import type { OpenDocumentOptions } from '../../main/document/open-document'

/** Callbacks of an open document that do nothing. */
export const noCallbacks: Pick<
  OpenDocumentOptions,
  'onUpdates' | 'onState' | 'onSelected' | 'onCarets' | 'onContent'
> = {
  onUpdates: () => undefined,
  onState: () => undefined,
  onSelected: () => undefined,
  onCarets: () => undefined,
  onContent: () => undefined,
}
