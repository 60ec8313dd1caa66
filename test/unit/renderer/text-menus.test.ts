import { expect, it } from 'vitest'
import { checkArguments } from '../../../main/electron/calls/arguments'
import type { Calls, Given } from '../../../preload/contract/bridge'
import type { MenuPlace } from '../../../preload/contract/text-menu'
import { TextMenus } from '../../../renderer/features/text-menu/text-menus'
import { Border } from './border'

/** Keeps the arguments of the calls. */
class Listening extends Border {
  readonly given: unknown[][] = []

  override call<Name extends keyof Calls>(name: Name, ...args: Given<Name>) {
    this.given.push(args)
    return super.call(name, ...args)
  }
}

it.each([
  ['https://example.org', 'https://example.org'],
  [`https://${'x'.repeat(3_992)}`, `https://${'x'.repeat(3_992)}`],
  [`https://${'x'.repeat(3_993)}`, null],
  [null, null],
])('the menu opens at a link of any length', (link, shown) => {
  const border = new Listening()
  const menus = new TextMenus(border)
  const stop = menus.start()
  const place: MenuPlace = {
    isEditable: true,
    isSelected: false,
    canUndo: false,
    canRedo: false,
    isMisspelled: false,
    link,
    title: null,
    tag: null,
  }
  menus.ask({ describe: () => place, choose: () => undefined }, null)
  border.tell('textMenuAsked', { misspelled: '', byKeyboard: true })
  stop()
  expect(border.given).toEqual([[{ ...place, link: shown }]])
  expect(checkArguments('showTextMenu', border.given[0] ?? [])).toEqual([{ ...place, link: shown }])
})
