import type { MenuChoice, MenuPlace } from '../../../preload/contract/text-menu'
import type { Api } from '../../api'

/** Place of the pointer in the window, in px; null for a menu by the keyboard. */
export type Pointer = { readonly x: number; readonly y: number } | null

/** A part of the window with a menu of its own. */
export interface MenuHost {
  readonly dom: HTMLElement
  /** Returns the facts of a place, for the menu that is about to open there. */
  describe(misspelled: string, pointer: Pointer): MenuPlace
  /** Carries out an entry of the menu that `describe` was called for last. */
  choose(choice: MenuChoice): void
}

/** Menus of texts in this window: the main process shows them, and asks here for the facts of the place. */
export class TextMenus {
  private readonly api: Api
  private readonly hosts = new Set<MenuHost>()
  private asked: { readonly target: Node | null; readonly pointer: Pointer } = { target: null, pointer: null }
  private current: MenuHost | null = null

  constructor(api: Api) {
    this.api = api
  }

  /** Answers from now on; the result stops that. */
  start(): () => void {
    const remember = ({ target, clientX: x, clientY: y }: MouseEvent): void => {
      this.asked = { target: target instanceof Node ? target : null, pointer: { x, y } }
    }
    document.addEventListener('contextmenu', remember, { capture: true })
    const stops = [
      () => document.removeEventListener('contextmenu', remember, { capture: true }),
      this.api.on('textMenuAsked', ({ misspelled, byKeyboard }) => {
        const { target, pointer } = this.asked
        this.current = [...this.hosts].find(({ dom }) => dom.contains(target)) ?? null
        const place = this.current?.describe(misspelled, byKeyboard ? null : pointer) ?? null
        void this.api.call('showTextMenu', place)
      }),
      this.api.on('textMenuChosen', (choice) => this.current?.choose(choice)),
    ]
    return () => stops.forEach((stop) => void stop())
  }

  /** Adds a part of the window; the result removes it. */
  add(host: MenuHost): () => void {
    this.hosts.add(host)
    return () => {
      this.hosts.delete(host)
      if (this.current === host) this.current = null
    }
  }
}
