/** A rectangle on the screen, in device-independent pixels. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Position and size of a window; without x and y the system chooses the position. */
export interface WindowPlace {
  readonly x?: number
  readonly y?: number
  readonly width: number
  readonly height: number
  readonly maximized: boolean
}

/** Smallest size that fits both the editor and the library. */
export const leastSize = { width: 560, height: 400 } as const
const usualSize = { width: 1_120, height: 760 } as const
/** Minimum part of a window that must be on a screen, in pixels. */
const leastVisible = 120
/** Distance of a further window from the one beside it, across and down, in pixels. */
const offset = 32

/**
 * Returns the place for a window, from the stored one (untrusted until checked: it comes from a file) and the
 * present screens. A window whose screen is gone opens on another one.
 */
export function fitPlace(remembered: unknown, screens: readonly Area[]): WindowPlace {
  const screen = screens[0] ?? { x: 0, y: 0, ...usualSize }
  const usual = { ...smaller(usualSize, screen), maximized: false }
  if (typeof remembered !== 'object' || remembered === null) return usual
  const { x, y, width, height, maximized } = remembered as Record<string, unknown>
  if (!isLength(width) || !isLength(height)) return usual
  const fitting = { maximized: maximized === true }
  if (!isLength(x) || !isLength(y)) return { ...smaller({ width, height }, screen), ...fitting }
  const home = screens.find((area) => shows(area, { x, y, width, height }))
  return home
    ? { x, y, ...smaller({ width, height }, home), ...fitting }
    : { ...smaller({ width, height }, screen), ...fitting }
}

/**
 * Returns the place for one more window: of the size of another one and somewhat further down and to the right,
 * or in the corner of its screen if it would reach beyond.
 */
export function placeBeside(other: WindowPlace, screens: readonly Area[]): WindowPlace {
  const place = { ...other, maximized: false }
  const { x, y, width, height } = place
  if (x === undefined || y === undefined) return fitPlace(place, screens)
  const home = screens.find((area) => shows(area, { x, y, width, height }))
  const moved = { ...place, x: x + offset, y: y + offset }
  const fits = home && moved.x + width <= home.x + home.width && moved.y + height <= home.y + home.height
  const isInCorner = home && x === home.x && y === home.y
  return fitPlace(fits || isInCorner || !home ? moved : { ...place, x: home.x, y: home.y }, screens)
}

const isLength = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) < 100_000

function smaller(size: { width: number; height: number }, screen: Area): { width: number; height: number } {
  return {
    width: Math.max(leastSize.width, Math.min(size.width, screen.width)),
    height: Math.max(leastSize.height, Math.min(size.height, screen.height)),
  }
}

/** True if the top edge of a window, by which it is dragged, is reachable on a screen. */
function shows(screen: Area, window: Area): boolean {
  const across =
    Math.min(screen.x + screen.width, window.x + window.width) - Math.max(screen.x, window.x) >= leastVisible
  return across && window.y >= screen.y && window.y + leastVisible <= screen.y + screen.height
}
