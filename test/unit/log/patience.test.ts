import { beforeEach, describe, expect, it } from 'vitest'
import { segmentKey } from '../../../main/log/format/store-keys'
import type { SessionLog } from '../../../main/log/session-log'
import { quiet } from '../../support/manual-clock'
import { setUp } from './open-log'

let parts: Awaited<ReturnType<typeof setUp>>
let writers: SessionLog[]

/** Makes each writer's next segment arrive from a peer. */
const receive = (from: readonly SessionLog[], size?: number) => {
  for (const writer of from) {
    const isFirst = writer.tip === 0
    const { bytes } = writer.seal([parts.change(size)])
    expect(parts.log.accept(bytes, isFirst ? writer.certificate : null)).toBe('accepted')
  }
}

const segmentLetter = segmentKey(new Uint8Array(32), new Uint8Array(32), 1)[0]

/** Numbers of segments in the batches that were written since the last call. */
const batches = () =>
  parts.store.asked.splice(0).map((writes) => writes.filter(({ key }) => key[0] === segmentLetter).length)

beforeEach(async () => {
  parts = await setUp()
  writers = Array.from({ length: 6 }, (_, at) => parts.session(`Writer ${at}`))
})

describe("others' segments", () => {
  it('of one writer go to the disk at once', async () => {
    const [writer] = writers
    for (let change = 0; change < 5; change++) {
      receive(writer ? [writer] : [])
      await quiet()
    }
    expect(batches()).toEqual([1, 1, 1, 1, 1])
  })

  it('of six writers go together, 50 ms apart, the first after a pause at once', async () => {
    receive(writers)
    await quiet()
    expect(batches()).toEqual([6])
    for (let round = 0; round < 5; round++) {
      receive(writers)
      await parts.clock.advance(10)
    }
    await quiet()
    expect(batches()).toEqual([30])
    await parts.clock.advance(3_000)
    receive(writers.slice(0, 1))
    await quiet()
    expect(batches()).toEqual([1])
  })

  it('never keep an own change from the disk, and go with it', async () => {
    receive(writers)
    await quiet()
    batches()
    receive(writers)
    await quiet()
    expect(batches()).toEqual([])
    await parts.log.append(parts.session(), [parts.change()])
    expect(batches()).toEqual([7])
  })

  it('go to the disk at once when 64 KiB wait, and when the log is closed', async () => {
    receive(writers)
    await quiet()
    batches()
    receive(writers.slice(0, 1), 40_000)
    await quiet()
    expect(batches()).toEqual([])
    receive(writers.slice(0, 1), 40_000)
    await quiet()
    expect(batches()).toEqual([2])
    receive(writers.slice(0, 2))
    await parts.log.close()
    expect(batches()).toEqual([2])
  })
})
