import { setTimeout as pause } from 'node:timers/promises'
import { endApp } from '../../../scripts/lib/app.mjs'
import { randomFrom } from '../../../test/support/random'
import { start } from '../../desk'
import { type Frames, framesDuring, watchFrames } from '../../frames'
import { percentile } from '../../report'
import { prose } from '../../text'
import { type Case, type Report, sizeWords } from './case'

/** How long each part is watched, in ms. */
const span = 6_000
const perSecond = 60
const pasted = 1_000_000
/** A place in the first line, which is in sight. */
const place = 4

/** The frames of the real window while others type and paste; the other systems bring no window. */
export const window: Case = {
  name: 'window',
  points: [10_000, 1_000_000],
  quickPoints: [100_000],
  words: (size) => `showing ${sizeWords(size)}`,
  systems: ['swarmpad'],
  aims: () => ({
    'others type: longest task': { most: 50 },
    'others paste 1 MB: longest task': { most: 50 },
  }),
  async measure(group, size, report) {
    if (!process.env.SWARMPAD_RUNTIME) throw new Error('there is no runtime to show a window with')
    const text = `Head\n\n${prose(randomFrom(size), size)}`
    const { peer } = await group.add({ text })
    const desk = await start(group, group.folder(), group.link ?? '')
    try {
      await desk.page.locator('.cm-line', { hasText: 'Head' }).first().waitFor()
      await desk.page.keyboard.press('Control+Home')
      await watchFrames(desk)
      await pause(5_000)
      tell(report, 'at rest', await framesDuring(desk, () => pause(span)))
      const typed = (perSecond * span) / 1_000
      const type = () => peer.ask('type', [place, typed, perSecond])
      tell(report, 'others type', await framesDuring(desk, type))
      await desk.page
        .locator('.cm-line', { hasText: 'x'.repeat(typed) })
        .first()
        .waitFor()
      const paste = async () => {
        await peer.ask('paste', [place, pasted])
        await desk.page
          .locator('.cm-line', { hasText: /^Head[^x]/ })
          .first()
          .waitFor()
      }
      tell(report, 'others paste 1 MB', await framesDuring(desk, paste))
    } finally {
      await endApp(desk.app)
    }
  },
}

function tell(report: Report, what: string, { gaps, tasks }: Frames): void {
  report({ what: `${what}: between frames, p95`, unit: 'ms', value: percentile(gaps, 0.95) })
  report({ what: `${what}: longest between frames`, unit: 'ms', value: Math.max(...gaps) })
  report({ what: `${what}: longest task`, unit: 'ms', value: Math.max(0, ...tasks) })
}
