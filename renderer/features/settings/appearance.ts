import type { Settings } from '../../../preload/contract/settings'

/** Gives the page the typeface, size and width of the text, which the tokens read. */
export function showSettings({ font, size, width }: Settings, root: HTMLElement): void {
  root.dataset.font = font
  root.dataset.width = width
  root.style.setProperty('--writing-size', `${size}px`)
}
