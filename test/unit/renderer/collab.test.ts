import { sendableUpdates } from '@codemirror/collab'
import { ChangeSet } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { type Random, randomFrom } from '../../support/random'
import { calm, Desk, refused, type Weather, type Window } from './desk'

const runs = process.env.SWARMPAD_SEED
  ? [Number(process.env.SWARMPAD_SEED)]
  : Array.from({ length: Number(process.env.SWARMPAD_RUNS ?? 400) }, (_, seed) => seed)

/** Around what is typed: nothing, or lines that make the text so long that they are compared first. */
const around = Array.from(
  { length: 200 },
  (_, index) => `Line ${index} of a text of 10 kB, long enough to be split.\n`,
)
const grounds = [
  ['short', '', ''],
  ['long', around.slice(0, 100).join(''), around.slice(100).join('')],
] as const

/** Returns the faults in a run with this seed. */
function weatherOf(seed: number): Weather {
  const kinds: Partial<Weather>[] = [
    {},
    { lose: 0.05, double: 0.1, refuse: 0.1 },
    { lose: 0.03, double: 0.1, refuse: 0.1, unread: 0.4 },
    { disorder: 0.3, double: 0.1, refuse: 0.1, unread: 0.4 },
    // A window learns from returning edits that its push was done, as long as they are not lost.
    { unanswered: 0.2, double: 0.1 },
    { compose: 0.3, double: 0.1, refuse: 0.1, disorder: 0.1 },
  ]
  return { ...calm, ...kinds[seed % kinds.length] }
}

/** Types tokens in windows that are opened and closed, and elsewhere, until all is handed over. */
async function typeTokens(desk: Desk, random: Random, seed: number) {
  const closed: Window[] = []
  const closing: Promise<void>[] = []
  const typed: string[] = []
  for (let step = 0; step < 150; step++) {
    const dice = random.below(40)
    const token = `⟦${seed}.${String(step).padStart(3, '0')} 🙂⟧`
    if (dice < 8) {
      const window = random.pick(desk.windows)
      window.edit({ changes: { from: placeIn(random, window.text), insert: token } })
      typed.push(token)
    } else if (dice < 12) {
      desk.remote(placeIn(random, desk.versions.text.toString()), token)
      typed.push(token)
    } else if (dice === 12) {
      const window = random.pick(desk.windows)
      closed.push(window)
      closing.push(desk.leave(window))
      desk.open()
    } else await desk.step()
  }
  await desk.settle()
  await Promise.all(closing)
  return { typed, closed }
}

describe.each(grounds)('windows on one document with a %s text', (ground, before, after) => {
  // A quarter of the runs on long texts, which take longer.
  const seeds = ground === 'short' ? runs : runs.slice(0, Math.ceil(runs.length / 4))

  it('come to the same text whatever happens on the way, and lose nothing that was typed', async () => {
    for (const seed of seeds) {
      const random = randomFrom(seed)
      const weather = weatherOf(seed)
      const desk = new Desk(random, before + 'shared text '.repeat(random.below(3)) + after, weather)
      for (let count = 1 + random.below(3); count > 0; count--) desk.open()
      const { typed, closed } = await typeTokens(desk, random, seed)
      const text = desk.versions.text.toString()
      for (const window of desk.windows) {
        expect(window.text, `seed ${seed}`).toBe(text)
        expect(sendableUpdates(window.state), `seed ${seed}`).toEqual([])
        expect(window.progress, `seed ${seed}`).toMatchObject({ pending: false, failure: null })
      }
      // Tokens are put between whole tokens only, so each stands in the text whole, or was handed back.
      const unsent = [...desk.windows, ...closed].flatMap((window) => window.unsent).join('\n')
      for (const token of typed) {
        const inText = text.split(token).length - 1
        const handedBack = unsent.split(token).length - 1
        expect(inText, `seed ${seed}: ${token}`).toBeLessThanOrEqual(1)
        // A window that closes without an answer also hands back edits that may be in the text.
        if (handedBack === 0 || weather.unanswered === 0)
          expect(inText + handedBack, `seed ${seed}: ${token}`).toBe(1)
      }
    }
  })

  it('come to the same text when they also delete and replace', async () => {
    for (const seed of seeds) {
      const random = randomFrom(seed + 1_000_000)
      const desk = new Desk(random, `${before}some text 🙂 to begin with${after}`, weatherOf(seed))
      const windows = [desk.open(), desk.open()]
      for (let step = 0; step < 120; step++) {
        if (random.chance(0.4)) {
          const window = random.pick(windows)
          // Pairs are cut on purpose: the main process repairs what is left of them.
          const from = random.below(window.text.length + 1)
          const to = Math.min(window.text.length, from + random.below(5))
          window.edit({ changes: { from, to, insert: random.pick(['', 'a', '🙂', '\n', 'ab']) } })
        } else await desk.step()
      }
      await desk.settle()
      const text = desk.versions.text.toString()
      expect(text.isWellFormed(), `seed ${seed}`).toBe(true)
      for (const window of windows) expect(window.text, `seed ${seed}`).toBe(text)
    }
  })
})

/** A place that is not inside a token. */
function placeIn(random: Random, text: string): number {
  const places = [0, text.length]
  for (let at = text.indexOf('⟦'); at >= 0; at = text.indexOf('⟦', at + 1)) places.push(at)
  return random.pick(places)
}

describe('edits that the main process will not have', () => {
  it('are handed back when the link allows reading only', async () => {
    const desk = new Desk(randomFrom(1), 'text')
    const window = desk.open()
    desk.push = () => refused('ROLE_TOO_LOW')
    window.edit({ changes: { from: 4, insert: ' of mine' } })
    await desk.settle()
    expect(window.text).toBe('text')
    expect(window.unsent).toEqual([' of mine'])
    expect(window.progress).toMatchObject({ pending: false, failure: null })
  })

  it('are kept and tried again while it does not answer', async () => {
    const desk = new Desk(randomFrom(1), 'text')
    const window = desk.open()
    const { push } = desk
    let tries = 0
    desk.push = (version, updates) => (++tries < 4 ? refused('CLOSED') : push.call(desk, version, updates))
    window.edit({ changes: { from: 4, insert: '!' } })
    for (let step = 0; step < 3; step++) await desk.step()
    expect(window.progress).toMatchObject({ pending: true, failure: 'refused by the test' })
    await desk.settle()
    expect(desk.versions.text.toString()).toBe('text!')
    expect(window.progress).toMatchObject({ pending: false, failure: null })
  })
})

describe('very much at once', () => {
  it('goes in several pushes when the main process was away for long', async () => {
    const desk = new Desk(randomFrom(1), '')
    const window = desk.open()
    for (let key = 0; key < 12_000; key++) window.edit({ changes: { from: key, insert: 'k' } })
    await desk.settle()
    expect(desk.versions.text.length).toBe(12_000)
    expect(window.unsent).toEqual([])
  })

  it('of one edit goes after it is shown, and is handed over if the window closes before', async () => {
    const desk = new Desk(randomFrom(1), 'a'.repeat(2_000))
    const changes = Array.from({ length: 1_000 }, (_, at) => ({ from: 2 * at, to: 2 * at + 1, insert: 'é' }))
    const [window, other] = [desk.open(), desk.open()]
    window.edit({ changes })
    await desk.settle()
    expect(desk.versions.text.toString()).toBe('éa'.repeat(1_000))
    other.edit({ changes: changes.map((change) => ({ ...change, insert: '' })) })
    const left = desk.leave(other)
    await desk.settle()
    await left
    expect(desk.versions.text.toString()).toBe('a'.repeat(1_000))
    expect(window.text).toBe(desk.versions.text.toString())
    expect([...window.unsent, ...other.unsent]).toEqual([])
  })

  it('is handed back when no push can hold it, and what is typed next goes its way', async () => {
    const desk = new Desk(randomFrom(1), 'text')
    const window = desk.open()
    const huge = 'x'.repeat(17 * 1024 * 1024)
    window.edit({ changes: { from: 4, insert: huge } })
    await desk.settle()
    expect(window.text).toBe('text')
    expect(window.unsent.map(({ length }) => length)).toEqual([huge.length])
    window.edit({ changes: { from: 4, insert: '!' } })
    await desk.settle()
    expect(desk.versions.text.toString()).toBe('text!')
  })

  it('is merged anew when the window fell behind further than versions are kept', async () => {
    const desk = new Desk(randomFrom(1), 'text')
    const window = desk.open()
    window.edit({ changes: { from: 4, insert: ' mine' } })
    for (let count = 0; count < 5_000; count++)
      desk.versions.add(ChangeSet.of({ from: 0, insert: '.' }, desk.versions.text.length))
    await desk.settle()
    expect(desk.versions.text.toString()).toBe(`${'.'.repeat(5_000)}text mine`)
    expect(window.text).toBe(desk.versions.text.toString())
    expect(window.unsent).toEqual([])
  })
})

describe('places', () => {
  it('follow what is typed here and not confirmed yet', () => {
    const desk = new Desk(randomFrom(1), '0123456789')
    const window = desk.open()
    window.edit({ changes: { from: 2, insert: 'xx' }, selection: { anchor: 4 } })
    expect(window.client.place(5, 0)).toBe(7)
    expect(window.client.place(1, 0)).toBe(1)
    expect(window.client.place(5, 1)).toBeNull()
    expect(window.client.selection()).toEqual({ version: 0, anchor: 2, head: 2 })
  })

  it('follow what others typed since', async () => {
    const desk = new Desk(randomFrom(1), '0123456789')
    const window = desk.open()
    desk.remote(0, 'abc')
    await desk.settle()
    expect(window.client.version).toBe(1)
    expect(window.client.place(5, 0)).toBe(8)
    expect(window.client.place(5, 1)).toBe(5)
  })
})

it('closing hands over what is left', async () => {
  const desk = new Desk(randomFrom(1), 'text')
  const window = desk.open()
  window.edit({ changes: { from: 4, insert: ' one' } })
  window.edit({ changes: { from: 8, insert: ' two' } })
  const closed = window.client.close()
  await desk.settle()
  await closed
  expect(desk.versions.text.toString()).toBe('text one two')
  expect(window.unsent).toEqual([])
})
