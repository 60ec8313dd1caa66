import type { DocumentId } from '../../../preload/contract/ids'

/** Marks a drag of rows, so that a text does not take it for text. It carries no data: other programs get nothing. */
const type = 'application/x-swarmpad-documents'

/** Documents that are dragged out of the library's list. */
export class RowDrag {
  /** Empty while nothing is dragged. */
  ids = $state.raw<readonly DocumentId[]>([])
  /** Name of the place that they are over; null for none. */
  over = $state<string | null>(null)

  /** Begins a drag. `words` are shown at the pointer. */
  begin(event: DragEvent, ids: readonly DocumentId[], words: string): void {
    const { dataTransfer } = event
    if (!dataTransfer) return
    dataTransfer.setData(type, '')
    dataTransfer.effectAllowed = 'move'
    const label = document.createElement('div')
    label.className = 'drag-label'
    label.textContent = words
    document.body.append(label)
    dataTransfer.setDragImage(label, 0, 0)
    setTimeout(() => label.remove(), 0)
    // Only then: a page that changes under the pointer at once ends the drag.
    setTimeout(() => {
      this.ids = ids
    }, 0)
  }

  /** Lets the documents be dropped at a place. */
  allow(event: DragEvent, place: string | null): void {
    if (this.ids.length === 0) return
    event.preventDefault()
    event.stopPropagation()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'move'
    this.over = place
  }

  /** Ends the drag, and returns the documents that were dropped. */
  take(event: DragEvent): readonly DocumentId[] {
    const { ids } = this
    if (ids.length > 0) {
      event.preventDefault()
      event.stopPropagation()
    }
    this.end()
    return ids
  }

  /** Ends the drag without a drop. */
  end(): void {
    this.ids = []
    this.over = null
  }
}
