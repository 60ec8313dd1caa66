/**
 * Opens a dialog above everything else of the window; the result closes it. `closed` is called when the dialog closed
 * by itself, as by the Escape key. A dialog that was taken off the page while it was open gives the keyboard to nobody,
 * so it goes back to where it was.
 */
export function openModal(dialog: HTMLDialogElement, closed: () => void): () => void {
  const before = document.activeElement
  // The event comes in a later task, when the dialog may have been opened again.
  const hear = () => dialog.open || closed()
  dialog.addEventListener('close', hear)
  dialog.showModal()
  return () => {
    dialog.removeEventListener('close', hear)
    dialog.close()
    const isFree = document.activeElement === document.body || document.activeElement === null
    if (isFree && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
  }
}
