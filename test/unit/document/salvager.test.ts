import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemEnvironment } from '../../../main/base/environment'
import { startReplicaThread } from '../../../main/document/replica-thread'
import { Salvager } from '../../../main/document/salvager'
import { keysFromWrite } from '../../../main/keys/derive'
import type { Segment } from '../../../main/log/format/segment'
import { HostileWriter } from '../../support/hostile-writer'

const keys = keysFromWrite(Buffer.alloc(32, 7))
const contentKey = keys.content ?? new Uint8Array()
/** 5 s pass in 100 ms. */
const hasty: Clock = {
  ...systemEnvironment.clock,
  set: (delay, run) => systemEnvironment.clock.set(delay / 50, run),
}
/** Nothing is ever late. */
const patient: Clock = {
  ...systemEnvironment.clock,
  set: () => systemEnvironment.clock.set(0, () => undefined),
}
let folder: string
let segment: Segment
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swarmpad-salvager-'))
  const writer = new HostileWriter({ keys, environment: systemEnvironment })
  await writer.open()
  await writer.writeUnsound('words')
  for await (const stored of writer.log.segments(writer.id, 0)) segment = stored
  await writer.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A thread of this code. */
function thread(code: string): URL {
  const file = join(folder, 'thread.mjs')
  writeFileSync(file, `import { parentPort } from 'node:worker_threads'\n${code}`)
  return pathToFileURL(file)
}

describe('a real thread', () => {
  it.each([
    ['never comes back', hasty, 'parentPort.on("message", () => { for (;;); })'],
    ['ends its process', patient, 'parentPort.on("message", () => process.exit(7))'],
    ['throws', patient, 'parentPort.on("message", () => { throw new Error("by the test") })'],
    ['cannot be started', patient, 'throw new Error("by the test")'],
  ])('that %s costs its answer, and nothing else', async (_name, clock, code) => {
    const startReplica = startReplicaThread(thread(code), systemEnvironment.clock)
    const salvager = new Salvager({ contentKey, startReplica, clock })
    for (let asked = 0; asked < 4; asked++) expect(await salvager.salvage(segment, 1)).toBeNull()
    salvager.close()
  })

  it('that answers is asked again, and ended at the end', async () => {
    const startReplica = startReplicaThread(
      thread(
        'let asked = 0; parentPort.on("message", ([{ first }]) => parentPort.postMessage({ type: "salvaged", changes: [{ seq: first, bytes: new Uint8Array(), text: String(++asked) }] }))',
      ),
      systemEnvironment.clock,
    )
    const salvager = new Salvager({ contentKey, startReplica, clock: patient })
    expect(await salvager.salvage(segment, 1)).toMatchObject([{ text: '1' }])
    expect(await salvager.salvage(segment, 1)).toMatchObject([{ text: '2' }])
    salvager.close()
  })
})
