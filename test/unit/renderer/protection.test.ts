import { expect, it } from 'vitest'
import type { Calls, Events, Outcome } from '../../../preload/contract/bridge'
import type { Protection } from '../../../preload/contract/protection'
import { Emitter } from '../../../preload/emitter'
import type { Api } from '../../../renderer/api'
import { ProtectionState } from '../../../renderer/features/protection/protection.svelte'

/** The main process, whose answers come when the test says so. */
class Main {
  readonly asked: { name: keyof Calls; args: unknown[]; answer: (outcome: Outcome<unknown>) => void }[] = []
  private readonly emitter = new Emitter<Events>()
  readonly api = {
    call: (name: keyof Calls, ...args: unknown[]) =>
      new Promise<Outcome<unknown>>((answer) => this.asked.push({ name, args, answer })),
    on: this.emitter.on.bind(this.emitter),
  } as unknown as Api

  tell(locked: boolean): void {
    this.emitter.emit('lock', { locked })
  }

  /** The protection was changed in another window. */
  change(protection: Protection): void {
    this.emitter.emit('protection', protection)
  }

  async answer(name: keyof Calls, value: unknown): Promise<void> {
    const found = this.asked.findIndex((one) => one.name === name)
    this.asked.splice(found, 1)[0]?.answer({ ok: true, value })
    await Promise.resolve()
  }
}

const open: Protection = { way: 'file', offer: true }

it('a window that comes late learns that the profile is locked', async () => {
  const main = new Main()
  const state = new ProtectionState(main.api)
  state.start()
  await main.answer('lock', { locked: true })
  expect(state.locked).toBe(true)
  main.tell(false)
  expect(state.locked).toBe(false)
})

it('an answer that comes after what was told does not undo it', async () => {
  for (const told of [true, false]) {
    const main = new Main()
    const state = new ProtectionState(main.api)
    state.start()
    main.tell(told)
    await main.answer('lock', { locked: !told })
    expect(state.locked).toBe(told)
  }
})

it('a change in another window is shown', async () => {
  const main = new Main()
  const state = new ProtectionState(main.api)
  const stop = state.start()
  await main.answer('protection', open)
  main.change({ way: 'passphrase', offer: false })
  expect(state.current).toEqual({ way: 'passphrase', offer: false })
  stop()
  main.change(open)
  expect(state.current).toEqual({ way: 'passphrase', offer: false })
})

it("'Not now' takes the offer away at once, whatever the disk says", async () => {
  const main = new Main()
  const state = new ProtectionState(main.api)
  state.start()
  await main.answer('protection', open)
  expect(state.current).toEqual(open)
  void state.decline()
  expect(state.current?.offer).toBe(false)
})

it('a passphrase that was refused changes nothing that is shown', async () => {
  const main = new Main()
  const state = new ProtectionState(main.api)
  state.start()
  await main.answer('protection', { way: 'passphrase', offer: false })
  const refused = state.setPassphrase('wrong', 'another one')
  const asked = main.asked.find(({ name }) => name === 'setPassphrase')
  expect(asked?.args).toEqual(['wrong', 'another one'])
  asked?.answer({ ok: false, code: 'PASSPHRASE_WRONG', message: 'That is not the passphrase.' })
  expect(await refused).toEqual({ message: 'That is not the passphrase.', isWrong: true })
  expect(state.current?.way).toBe('passphrase')
})
