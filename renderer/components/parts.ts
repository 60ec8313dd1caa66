/**
 * Moves the keyboard to the next part of the window (`step` 1) or the previous one (-1): library, text, outline.
 * A part is an element with `data-part`, whose value selects what takes the keyboard in it; of several, the first.
 */
export function focusPart(step: 1 | -1): void {
  const parts = Array.from(document.querySelectorAll<HTMLElement>('[data-part]')).flatMap((part) => {
    const targets = (part.dataset.part ?? '').split(',').flatMap((selector) => {
      const found = part.querySelector<HTMLElement>(selector)
      return found ? [found] : []
    })
    return targets[0] ? [{ part, target: targets[0] }] : []
  })
  const current = parts.findIndex(({ part }) => part.contains(document.activeElement))
  const next = current < 0 ? (step > 0 ? 0 : parts.length - 1) : current + step
  parts.at(next % parts.length)?.target.focus()
}
