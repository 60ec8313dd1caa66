import type { SearchState } from '../../../preload/contract/search'
import type { Workspace } from '../../workspace/workspace'
import type { SearchHandlers } from './handlers'

/** Searches in all documents for a window: one search at a time. */
export class SearchController {
  private readonly onState: (state: SearchState) => void
  private endSearch: () => void = () => undefined

  /** `onState` receives every state of the search that the window began last. */
  constructor(onState: (state: SearchState) => void) {
    this.onState = onState
  }

  /** Ends the search, if there is one. */
  end(): void {
    this.endSearch()
    this.endSearch = () => undefined
  }

  /** Returns the handlers of the window's calls. */
  handlers(workspace: Workspace): SearchHandlers {
    return {
      search: (query) => {
        this.end()
        const { search, end } = workspace.search(query, this.onState)
        this.endSearch = end
        return { search }
      },
      endSearch: () => {
        this.end()
        return null
      },
      backlinks: (id) => workspace.backlinks(id),
      readTags: async () => {
        await workspace.readTags()
        return null
      },
      headings: (id) => workspace.headings(id),
    }
  }
}
