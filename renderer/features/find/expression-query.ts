import { getSearchQuery, SearchQuery } from '@codemirror/search'
import type { EditorState } from '@codemirror/state'

/**
 * A search by a regular expression in the find strip. CodeMirror takes it for one that finds nothing: it would run the
 * expression in the page, for ever if the expression or the text asks for it.
 */
export class ExpressionQuery extends SearchQuery {
  override readonly valid = false

  /** `search` is the expression. */
  constructor(config: Pick<SearchQuery, 'search' | 'replace' | 'caseSensitive' | 'wholeWord'>) {
    super({ ...config, literal: true })
  }
}

/** Returns the expression that is looked for; null while words are, or nothing is. */
export function expressionOf(state: EditorState): ExpressionQuery | null {
  const query = getSearchQuery(state)
  return query instanceof ExpressionQuery && query.search !== '' ? query : null
}
