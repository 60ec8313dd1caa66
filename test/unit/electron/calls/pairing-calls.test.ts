import { beforeEach, describe, expect, it } from 'vitest'
import { PairingController } from '../../../../main/electron/calls/pairing-calls'
import type { OfferedPairing, PairingRun } from '../../../../main/pairing/pairing'
import type { Workspace } from '../../../../main/workspace/workspace'
import type { PairingState } from '../../../../preload/contract/pairing'

/** A pairing whose steps the test takes. */
class Run implements OfferedPairing {
  readonly link = 'swarmpad:spd1test'
  readonly until = 5
  state: PairingState = { phase: 'looking', computers: 0 }
  agreed = 0
  ended = 0

  constructor(private readonly onState: (state: PairingState) => void) {}

  become(state: PairingState): void {
    this.state = state
    this.onState(state)
  }

  agree(): void {
    this.agreed++
  }

  end(): void {
    this.ended++
  }
}

describe('the pairing of a window', () => {
  let runs: Run[]
  let told: PairingState[]
  let asked: { letters: string; answer: (yes: boolean) => void }[]
  let copied: string[]
  let controller: PairingController
  let calls: ReturnType<PairingController['handlers']>
  const comparing = (code: string): PairingState => ({
    phase: 'comparing',
    code,
    agreed: false,
    computers: 1,
  })
  const last = () => runs.at(-1) ?? expect.fail()

  beforeEach(() => {
    runs = []
    told = []
    asked = []
    copied = []
    const begin = (onState: (state: PairingState) => void = () => undefined): Run & PairingRun => {
      const run = new Run(onState)
      runs.push(run)
      return run
    }
    const pairing = {
      offer: begin,
      join: (_link: string, onState: (state: PairingState) => void) => begin(onState),
    }
    controller = new PairingController((state) => told.push(state))
    calls = controller.handlers({ pairing } as unknown as Workspace, {
      copy: (text) => copied.push(text),
      askToAllow: (letters) => new Promise((answer) => asked.push({ letters, answer })),
    })
  })

  it('allows a computer only when the person says so outside the page', async () => {
    expect(await calls.offerPairing()).toEqual({ link: 'swarmpad:spd1test', until: 5 })
    last().become(comparing('abc-def'))
    const first = calls.agreePairing('abc-def')
    // A page that asks again while it is asked gets no second question.
    await calls.agreePairing('abc-def')
    expect(asked.map(({ letters }) => letters)).toEqual(['abc-def'])
    asked[0]?.answer(false)
    await first
    expect(last().agreed).toBe(0)
    const second = calls.agreePairing('abc-def')
    asked[1]?.answer(true)
    await second
    expect(last().agreed).toBe(1)
  })

  it('allows no other computer than the one that was asked about', async () => {
    await calls.offerPairing()
    last().become(comparing('abc-def'))
    const asking = calls.agreePairing('abc-def')
    last().become({ phase: 'looking', computers: 0 })
    last().become(comparing('zzz-zzz'))
    asked[0]?.answer(true)
    await expect(asking).rejects.toMatchObject({ code: 'REQUEST_LATE' })
    expect(last().agreed).toBe(0)
  })

  it.each(['offer', 'join'] as const)(
    'takes a yes for the letters that were seen, not for later ones: %s',
    async (how) => {
      await (how === 'offer' ? calls.offerPairing() : calls.joinPairing('link'))
      last().become(comparing('abc-def'))
      last().become(comparing('zzz-zzz'))
      await expect(calls.agreePairing('abc-def')).rejects.toMatchObject({ code: 'REQUEST_LATE' })
      expect([last().agreed, asked]).toEqual([0, []])
    },
  )

  it('ends with the page, and one follows the other', async () => {
    await calls.offerPairing()
    await calls.copyPairingLink()
    expect(copied).toEqual(['swarmpad:spd1test'])
    await calls.joinPairing('link')
    expect(runs.map(({ ended }) => ended)).toEqual([1, 0])
    runs[0]?.become(comparing('abc-def'))
    expect(told).toEqual([])
    last().become(comparing('abc-def'))
    expect(told).toEqual([comparing('abc-def')])
    await calls.agreePairing('abc-def')
    expect([last().agreed, asked]).toEqual([1, []])
    controller.end()
    expect(last().ended).toBe(1)
    await expect(async () => calls.agreePairing('abc-def')).rejects.toMatchObject({ code: 'REQUEST_LATE' })
    await expect(async () => calls.copyPairingLink()).rejects.toMatchObject({ code: 'REQUEST_LATE' })
  })
})
