import type { DocumentId } from '../../../preload/contract/ids'

/** How far the pointer moves before a press becomes a drag, in px. */
const threshold = 6

/** Where a dragged tab would go: before the tab at `index` of a pane. */
export interface TabDrop {
  readonly pane: number
  readonly index: number
}

/**
 * A tab that is dragged by the pointer, over the strips of the window. A strip is an element with `data-strip`, the
 * index of its pane; its tabs are elements with `data-tab`.
 */
export class TabDrag {
  /** Where the tab would go now; null while none is dragged. */
  drop = $state.raw<TabDrop | null>(null)

  private readonly place: (id: DocumentId, drop: TabDrop) => void
  private stop: (() => void) | null = null

  /** `place` carries out a drop. */
  constructor(place: (id: DocumentId, drop: TabDrop) => void) {
    this.place = place
  }

  /** Follows the pointer that was pressed on a tab, until it is released or Escape is pressed. */
  begin(id: DocumentId, press: PointerEvent): void {
    this.end()
    const move = (event: PointerEvent): void => {
      const { clientX: x, clientY: y } = event
      // It was released where this window does not hear of it.
      if (event.buttons === 0) this.end()
      const far = Math.hypot(x - press.clientX, y - press.clientY) >= threshold
      if (this.stop && (far || this.drop)) this.drop = dropAt(x, y) ?? this.drop
    }
    const release = (): void => {
      const { drop } = this
      this.end()
      if (drop) this.place(id, drop)
    }
    const cancel = (event: Event): void => {
      if (!(event instanceof KeyboardEvent) || event.key === 'Escape') this.end()
    }
    const listeners = [
      ['pointermove', move],
      ['pointerup', release],
      ['pointercancel', cancel],
      ['keydown', cancel],
    ] as const
    for (const [name, listener] of listeners) window.addEventListener(name, listener as EventListener, true)
    this.stop = () => {
      for (const [name, listener] of listeners)
        window.removeEventListener(name, listener as EventListener, true)
    }
  }

  private end(): void {
    this.stop?.()
    this.stop = null
    this.drop = null
  }
}

/** The place for a tab under the pointer; null outside of the strips. */
function dropAt(x: number, y: number): TabDrop | null {
  const strip = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-strip]')
  if (!strip) return null
  const boxes = Array.from(strip.querySelectorAll('[data-tab]')).map((tab) => tab.getBoundingClientRect())
  const index = boxes.filter(({ left, width }) => left + width / 2 < x).length
  return { pane: Number(strip.dataset.strip), index }
}
