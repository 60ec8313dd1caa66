import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { noMark } from '../../../../main/log/format/segment'
import { LocalState } from '../../../../main/sync/state/local-state'
import { maxUnknown, RemoteState } from '../../../../main/sync/state/remote-state'
import { World } from '../world'

describe('the remote state', () => {
  it('W31 drops claims that a peer did not fulfil, so that there is room for its next ones', async () => {
    const world = new World()
    const ada = await world.site('Ada')
    const remote = new RemoteState(new LocalState(ada.log))
    const ids = () => Array.from({ length: maxUnknown }, () => hex(world.random.bytes(32)))
    const first = ids()
    for (const session of first) expect(remote.record(session, { base: 0, tip: 3, mark: noMark })).toBe(true)
    expect(remote.record(hex(world.random.bytes(32)), { base: 0, tip: 3, mark: noMark })).toBe(false)
    expect(remote.takeRoom()).toBe(false)
    expect(remote.isMatched).toBe(false)
    for (const session of first) remote.drop(session)
    expect(remote.isMatched).toBe(false)
    expect(remote.takeRoom()).toBe(true)
    expect(remote.isMatched).toBe(true)
    for (const session of ids()) expect(remote.record(session, { base: 0, tip: 3, mark: noMark })).toBe(true)
  })
})
