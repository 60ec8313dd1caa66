import { expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { Library } from '../../../main/library/library'
import { nothingNoted } from '../../../main/library/library-entry'
import { Vault } from '../../../main/profile/vault'
import { MemoryStore } from '../../../main/storage/memory-store'
import type { Write } from '../../../main/storage/store'
import { LibraryRecorder } from '../../../main/workspace/library-recorder'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

/** A store that takes its time. */
class SlowStore extends MemoryStore {
  readonly held: (() => void)[] = []

  override async write(writes: readonly Write[]): Promise<void> {
    await new Promise<void>((resolve) => this.held.push(resolve))
    await super.write(writes)
  }
}

it('texts are stored only when a write that is under way has ended', async () => {
  const store = new SlowStore()
  const vault = new Vault({ store, key: Buffer.alloc(32, 1), random: randomFrom(1).bytes })
  const library = new Library({ vault, store, forgetLog: async () => undefined })
  const keys = keysFromWrite(Buffer.alloc(32, 7))
  const id = hex(keys.documentId)
  library.note({
    keys,
    manifest: null,
    title: '',
    editedAt: null,
    createdAt: null,
    waiting: true,
    removedAt: null,
    ...nothingNoted,
    shared: true,
  })
  const clock = new ManualClock()
  const recorder = new LibraryRecorder({
    clock,
    library: () => library,
    find: () => ({ document: null, log: { holdsOthers: true } }),
    onRecorded: () => undefined,
    onFailure: (error) => expect.fail(String(error)),
    onText: () => undefined,
  })
  recorder.noteText(id)
  // The write that was scheduled.
  await clock.advance(30_000)
  expect(store.held).toHaveLength(1)
  let stored = false
  void recorder.storeTexts().then(() => {
    stored = true
  })
  await quiet()
  expect(stored).toBe(false)
  store.held[0]?.()
  await quiet()
  expect(stored).toBe(true)
  expect(library.entry(id).waiting).toBe(false)
  recorder.stop()
})
