import { describe, expect, it } from 'vitest'
import { fitPlace, leastSize, placeBeside } from '../../../main/electron/window-place'

const screen = { x: 0, y: 25, width: 1_600, height: 975 }
const second = { x: 1_600, y: 0, width: 1_280, height: 1_024 }
const usual = { width: 1_120, height: 760, maximized: false }

describe("a window's place", () => {
  it('is the usual one at first, and on a small screen no larger than that', () => {
    expect(fitPlace(null, [screen])).toEqual(usual)
    expect(fitPlace(null, [])).toEqual(usual)
    expect(fitPlace(null, [{ x: 0, y: 0, width: 1_000, height: 600 }])).toEqual({
      width: 1_000,
      height: 600,
      maximized: false,
    })
    expect(fitPlace(null, [{ x: 0, y: 0, width: 10, height: 10 }])).toEqual({
      ...leastSize,
      maximized: false,
    })
  })

  it('is where it was', () => {
    const place = { x: 1_700, y: 40, width: 800, height: 700, maximized: true }
    expect(fitPlace(place, [screen, second])).toEqual(place)
  })

  it('is chosen anew when its screen is gone or its upper edge cannot be reached', () => {
    const size = { width: 800, height: 700, maximized: false }
    expect(fitPlace({ x: 1_700, y: 40, ...size }, [screen])).toEqual(size)
    expect(fitPlace({ x: 0, y: -200, ...size }, [screen])).toEqual(size)
    expect(fitPlace({ x: 1_550, y: 40, ...size }, [screen])).toEqual(size)
    expect(fitPlace({ x: -750, y: 40, ...size }, [screen])).toEqual(size)
  })

  it.each([
    7,
    'text',
    [],
    { width: 'wide', height: 5 },
    { width: Number.NaN, height: 500 },
    { width: 1e9, height: 500 },
    { width: 800.5, height: 500 },
  ])('is the usual one when what was remembered is damaged: %j', (remembered) => {
    expect(fitPlace(remembered, [screen])).toEqual(usual)
  })

  it('never comes up too small to use', () => {
    expect(fitPlace({ x: 10, y: 30, width: 200, height: 1 }, [screen])).toEqual({
      x: 10,
      y: 30,
      ...leastSize,
      maximized: false,
    })
  })
})

describe('the place of a further window', () => {
  it('is beside the other one, which may be maximized', () => {
    const place = { x: 1_700, y: 40, width: 800, height: 700 }
    expect(placeBeside({ ...place, maximized: true }, [screen, second])).toEqual({
      ...place,
      x: 1_732,
      y: 72,
      maximized: false,
    })
  })

  it('stays on the screen', () => {
    const size = { width: 800, height: 700, maximized: false }
    expect(placeBeside({ x: 790, y: 40, ...size }, [screen])).toEqual({ x: 0, y: 25, ...size })
    const large = { width: 1_590, height: 960, maximized: false }
    expect(placeBeside({ x: 0, y: 25, ...large }, [screen])).toEqual({ x: 32, y: 57, ...large })
    expect(placeBeside({ x: 5_000, y: 25, ...size }, [screen])).toEqual(size)
    expect(placeBeside(size, [screen])).toEqual(size)
  })
})
