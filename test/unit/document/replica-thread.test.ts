import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ReplicaListener, startReplicaThread } from '../../../main/document/replica-thread'
import type { FromReplica } from '../../../main/replica/replica-protocol'
import { ManualClock } from '../../support/manual-clock'

/** A worker that answers each message with the number of its thread and of the replica in it. */
const counting = (atLeave: string) => `
  import { parentPort, threadId } from 'node:worker_threads'
  let replica = 1
  parentPort.on('message', (message) => {
    if (message !== 'leave') for (const _ of message) parentPort.postMessage({ type: 'told', threadId, replica })
    else { ${atLeave} }
  })`
const leaving = (isSmall: boolean) =>
  `replica++; parentPort.postMessage({ type: 'left', isSmall: ${isSmall} })`

let folder: string
let clock: ManualClock
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmpad-thread-'))
  clock = new ManualClock()
})
afterEach(() => rmSync(folder, { recursive: true }))

function start(atLeave: string) {
  const file = join(folder, 'worker.mjs')
  writeFileSync(file, counting(atLeave))
  const startReplica = startReplicaThread(pathToFileURL(file), clock)
  /** Starts a replica. `ask` resolves to the numbers of its thread and of the replica in it. */
  return () => {
    const heard: { threadId: number; replica: number }[] = []
    const ended: Error[] = []
    const listener: ReplicaListener = {
      onMessage: (message: FromReplica) => heard.push(message as never),
      onEnd: (reason) => ended.push(reason),
    }
    const thread = startReplica(listener)
    const ask = async () => {
      const before = heard.length
      thread.post({ type: 'commit' })
      await expect.poll(() => heard.length).toBeGreaterThan(before)
      return heard.at(-1) ?? expect.fail()
    }
    return { thread, ask, heard, ended }
  }
}

/** Starts replicas until one gets the thread of another: where it was freed is known a moment later. */
async function nextIn(replica: ReturnType<typeof start>, threadId: number): Promise<number> {
  let found = 0
  await expect
    .poll(async () => {
      const next = replica()
      const told = await next.ask()
      found = told.replica
      if (told.threadId === threadId) next.thread.leave()
      else next.thread.stop()
      return told.threadId
    })
    .toBe(threadId)
  return found
}

describe('the thread of a replica', () => {
  it('serves the next replica once one has left, which hears nothing more', async () => {
    const replica = start(leaving(true))
    const first = replica()
    const other = replica()
    const { threadId } = await first.ask()
    expect((await other.ask()).threadId).not.toBe(threadId)
    first.thread.post({ type: 'commit' })
    first.thread.leave()
    first.thread.post({ type: 'commit' })
    expect(await nextIn(replica, threadId)).toBe(2)
    expect([first.heard.length, first.ended, other.ended]).toEqual([1, [], []])
    first.thread.stop()
    other.thread.stop()
    expect(await nextIn(replica, threadId)).toBe(3)
    await clock.advance(5_000)
    const late = replica()
    expect((await late.ask()).threadId).not.toBe(threadId)
    late.thread.stop()
  })

  it.each([
    ['with much memory', leaving(false)],
    ['that does not come back', 'for (;;);'],
    ['that breaks then', 'throw new Error("by the test")'],
  ])('%s serves no other one', async (_name, atLeave) => {
    const replica = start(atLeave)
    const first = replica()
    const { threadId } = await first.ask()
    first.thread.leave()
    for (let tries = 0; tries < 3; tries++) {
      await clock.advance(1_000)
      const next = replica()
      expect((await next.ask()).threadId).not.toBe(threadId)
      next.thread.stop()
    }
    expect(first.ended).toEqual([])
  })

  it('that ends by itself is reported once', async () => {
    const breaking = startReplicaThread(pathToFileURL(join(folder, 'none.mjs')), clock)
    const ended: Error[] = []
    const thread = breaking({ onMessage: () => undefined, onEnd: (reason) => ended.push(reason) })
    await expect.poll(() => ended.length).toBe(1)
    for (const end of [thread.leave, thread.stop]) end()
    await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toHaveLength(1)
  })
})
