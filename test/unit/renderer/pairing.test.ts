import { describe, expect, it } from 'vitest'
import type { Calls, Outcome } from '../../../preload/contract/bridge'
import type { PairingState } from '../../../preload/contract/pairing'
import type { Api } from '../../../renderer/api'
import { broughtWords, cameWords, Pairing } from '../../../renderer/features/pairing/pairing.svelte'

/** Answers as the test says, and tells steps. */
class Border {
  readonly asked: string[] = []
  readonly given: unknown[][] = []
  answer: Outcome<unknown> = { ok: true, value: null }
  tell: (state: PairingState) => void = () => undefined
  readonly api = {
    call: async (name: keyof Calls, ...given: unknown[]) => {
      this.asked.push(name)
      this.given.push(given)
      return this.answer
    },
    on: (_event: string, listener: (state: PairingState) => void) => {
      this.tell = listener
      return () => undefined
    },
  } as unknown as Api
}

const refusal = { ok: false, code: 'LINK_OTHER', message: 'This link opens a document.' } as const

describe('pairing in the window', () => {
  const begin = () => {
    const border = new Border()
    const pairing = new Pairing(border.api)
    pairing.start()
    return { border, pairing }
  }

  it('shows a link and follows its steps until it is closed', async () => {
    const { border, pairing } = begin()
    border.answer = { ok: true, value: { link: 'swarmpad:spd1', until: 5 } }
    await pairing.offer()
    expect([pairing.link, pairing.state]).toEqual([
      { link: 'swarmpad:spd1', until: 5 },
      { phase: 'looking', computers: 0 },
    ])
    border.tell({ phase: 'comparing', code: 'abc-def', agreed: false, computers: 1 })
    expect(pairing.state?.phase).toBe('comparing')
    pairing.end()
    border.tell({ phase: 'looking', computers: 0 })
    expect([pairing.link, pairing.state]).toEqual([null, null])
    expect(border.asked).toEqual(['offerPairing', 'endPairing'])
  })

  it('says what is wrong with a pasted link, and asks for another', async () => {
    const { border, pairing } = begin()
    border.answer = refusal
    expect(await pairing.join('x')).toBe(refusal.message)
    expect(pairing.state).toBeNull()
    border.answer = { ok: true, value: null }
    expect(await pairing.join('x')).toBeNull()
    expect(pairing.state).toEqual({ phase: 'looking', computers: 0 })
  })

  it('shows why it cannot begin, or go on', async () => {
    const { border, pairing } = begin()
    border.answer = { ok: false, code: 'PAIRING_IMPOSSIBLE', message: 'You are working offline.' }
    await pairing.offer()
    expect(pairing.state).toEqual({
      phase: 'failed',
      code: 'PAIRING_IMPOSSIBLE',
      message: 'You are working offline.',
    })
    border.tell({ phase: 'comparing', code: 'abc-def', agreed: false, computers: 1 })
    await pairing.agree('abc-def')
    expect(pairing.state?.phase).toBe('failed')
  })

  it('agrees to the letters that were shown, whatever is shown by then', async () => {
    const { border, pairing } = begin()
    await pairing.join('x')
    border.tell({ phase: 'comparing', code: 'zzz-zzz', agreed: false, computers: 1 })
    await pairing.agree('abc-def')
    expect([border.asked.at(-1), border.given.at(-1)]).toEqual(['agreePairing', ['abc-def']])
  })

  it('counts what came along', () => {
    expect(broughtWords(0)).toContain('You write on the other computer too now.')
    expect(broughtWords(1)).toContain('with one document.')
    expect(cameWords('Ada', 3)).toContain('You write here as Ada now, with 3 documents.')
    expect(cameWords('Ada', 0)).toContain('There were no documents')
  })
})
