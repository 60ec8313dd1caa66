import { ChangeSet } from '@codemirror/state'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { hex } from '../../../main/base/hex'
import type { DocumentKeys } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import type { Segment } from '../../../main/log/format/segment'
import { SessionLog } from '../../../main/log/session-log'
import { Replica } from '../../../main/replica/replica'
import type { Port } from '../../../main/sync/wire/channel'
import { randomFrom } from '../../support/random'
import type { HostilePeer, Line } from '../hostile-peer'
import { answers, ask, greet, Stage } from '../stage'

/** Opens a stage for the tests of a file; after each of them, the two on it are unharmed. Returns it. */
export function useStage(): () => Stage {
  let stage: Stage | undefined
  const opened = () => stage ?? expect.fail('the stage is not open')
  beforeAll(async () => {
    stage = await Stage.open()
  })
  afterEach(async () => {
    await opened().expectUnharmed()
    await opened().rest()
  })
  afterAll(() => stage?.close())
  return opened
}

/** Random numbers that are the same in each run. */
export const random = randomFrom(4)
const mallory = identityFromSeed(Buffer.alloc(32, 66))

/** A new session of Mallory's. */
export const newSession = (
  keys: DocumentKeys,
  options: { seed?: Uint8Array; name?: string } = {},
): SessionLog =>
  new SessionLog({
    documentId: keys.documentId,
    keys,
    identity: mallory,
    name: options.name ?? 'Mallory',
    environment: systemEnvironment,
    ...(options.seed ? { seed: options.seed } : {}),
  })

/** Segments of words that a session writes at the beginning of an empty text, one for each word. */
export function writing(keys: DocumentKeys, session: SessionLog, words: readonly string[]): Segment[] {
  const replica = new Replica({
    documentId: keys.documentId,
    contentKey: keys.content ?? expect.fail(),
    actor: hex(session.session),
    now: Date.now,
  })
  const segments = words.map((word) => {
    replica.edit(ChangeSet.of({ from: 0, insert: word }, replica.text.length))
    return session.seal(replica.commit())
  })
  replica.free()
  return segments
}

/** Sends on every line with the keys of some role. Returns the peer and the ports of the open lines. */
export async function says(stage: Stage, keys: DocumentKeys, what: (port: Port, line: Line) => void) {
  const ports = new Map<Line, Port>()
  const peer = await stage.attack((line) =>
    line.open(keys, (port) => {
      ports.set(line, port)
      greet(port)
      what(port, line)
    }),
  )
  return { peer, ports }
}

/** True once every line of a peer was ended. */
export const allEnded = (peer: HostilePeer) => () => peer.lines.every((line) => line.ended)

/** Everybody still answers, so what was said was dropped, and no line was ended for it. */
export async function expectHeard(
  stage: Stage,
  { peer, ports }: Awaited<ReturnType<typeof says>>,
): Promise<void> {
  await stage.until('a channel to each', () => ports.size >= 2)
  for (const [line, port] of ports) {
    const before = answers(line)
    ask(port)
    await stage.until('an answer', () => answers(line) > before)
  }
  expect(peer.lines.filter((line) => line.ended)).toEqual([])
}

/** Neither of the two has it in the text. */
export async function expectAbsent(stage: Stage, word: string): Promise<void> {
  await stage.expectUnharmed()
  expect(await stage.ada.text()).not.toContain(word)
  expect(await stage.ben.text()).not.toContain(word)
}
