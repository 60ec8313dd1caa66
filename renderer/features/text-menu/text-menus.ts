import { maxAddress } from '../../../preload/contract/shapes'
import type { MenuChoice, MenuPlace } from '../../../preload/contract/text-menu'
import type { Api } from '../../api'

/** Place of the pointer in the window, in px; null for a menu by the keyboard. */
export type Pointer = { readonly x: number; readonly y: number } | null

/** A part of the window with a menu of its own. */
export interface MenuHost {
  /** Returns the facts of a place, for the menu that is about to open there. */
  describe(misspelled: string, pointer: Pointer): MenuPlace
  /** Carries out an entry of the menu that `describe` was called for last. */
  choose(choice: MenuChoice): void
}

/** Menus of texts in this window: the main process shows them, and asks here for the facts of the place. */
export class TextMenus {
  private readonly api: Api
  /** Where the window was asked for a menu, until the main process asks about it. */
  private asked: { readonly host: MenuHost; readonly pointer: Pointer } | null = null
  private current: MenuHost | null = null

  constructor(api: Api) {
    this.api = api
  }

  /** Answers from now on; the result stops that. */
  start(): () => void {
    const stops = [
      this.api.on('textMenuAsked', ({ misspelled, byKeyboard }) => {
        const { asked } = this
        this.asked = null
        this.current = asked?.host ?? null
        const place = asked?.host.describe(misspelled, byKeyboard ? null : asked.pointer) ?? null
        void this.api.call('showTextMenu', place && withinBounds(place))
      }),
      this.api.on('textMenuChosen', (choice) => this.current?.choose(choice)),
    ]
    return () => stops.forEach((stop) => void stop())
  }

  /** Notes that the person asks for a menu in a part of the window. */
  ask(host: MenuHost, pointer: Pointer): void {
    this.asked = { host, pointer }
  }

  /** Forgets a part of the window. */
  remove(host: MenuHost): void {
    if (this.asked?.host === host) this.asked = null
    if (this.current === host) this.current = null
  }
}

/** Returns the facts without a link that is too long to be opened: the menu would not open with it. */
const withinBounds = (place: MenuPlace): MenuPlace =>
  place.link !== null && place.link.length > maxAddress ? { ...place, link: null } : place
