/** Returns true while nothing in the window has the keyboard. */
export const isKeyboardFree = (): boolean => document.activeElement === document.body
