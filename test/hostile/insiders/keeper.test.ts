import { describe, expect, it } from 'vitest'
import { makePresence } from '../../../main/sync/presence/presence'
import { makeInstance } from '../../../main/sync/wire/instance'
import type { Line } from '../hostile-peer'
import { greet } from '../stage'
import { random, says, useStage } from './insider'

const stage = useStage()

describe('a keeper', () => {
  it('W50 W53 makes up two hundred and forty readers: nobody is shown, and newcomers are seen as ever', async () => {
    const made = new Map<Line, number>()
    const { peer } = await says(stage(), stage().keeper, (port, line) => {
      line.keepOn(60, () => {
        made.set(line, (made.get(line) ?? 0) + 1)
        const instance = makeInstance(stage().keeper, 'read', random.bytes(32))
        port.send(
          'presence',
          makePresence({ instance, counter: 1, goodbye: false, sealed: random.bytes(120) }),
        )
      })
    })
    const seen = new Set<string>()
    const stop = stage().ada.on('people', ({ people }) => {
      for (const { name } of people) seen.add(name)
    })
    const full = () => [...made.values()].filter((count) => count > 260).length >= 2
    await stage().until('more than are remembered, on each', full)
    const cem = await stage().enter('Cem', 'write')
    await stage().until('Cem is seen', () => stage().people().includes('Cem'))
    const print = () =>
      stage()
        .ada.opened()
        .people.find(({ name }) => name === 'Cem')?.fingerprint
    await stage().until('with his fingerprint', () => print() !== '' && print() !== undefined)
    await stage().until('he has the text', () => !cem.opened().status.loading && cem.opened().text.length > 9)
    cem.setSelection({ version: cem.version, anchor: 3, head: 3 })
    await stage().until('and his caret', () => stage().ada.opened().carets.length > 0)
    stop()
    expect([...seen].filter((name) => name !== 'Ben' && name !== 'Cem')).toEqual([])
    expect(stage().people().sort()).toEqual(['Ben', 'Cem'])
    expect(peer.lines.filter((line) => line.ended)).toEqual([])
  })

  it('W6 says that it reads: it is shown as no reader', async () => {
    const peer = await stage().attack((line) =>
      line.open(stage().keeper, greet, {
        instance: () => ({ ...makeInstance(stage().keeper, 'keep', random.bytes(32)), role: 'read' }),
      }),
    )
    await stage().until('it is there', () => stage().ada.opened().status.keepers.all === 1)
    expect(stage().people()).toEqual(['Ben'])
    expect(peer.lines.some((line) => line.ended)).toBe(false)
  })
})
