/**
 * Opens a dialog above everything else of the window; the result closes it. A dialog that was taken off the page while
 * it was open gives the keyboard to nobody, so it goes back to where it was.
 */
export function openModal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement
  dialog.showModal()
  return () => {
    dialog.close()
    const isFree = document.activeElement === document.body || document.activeElement === null
    if (isFree && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
  }
}
