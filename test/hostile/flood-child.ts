import { ChangeSet } from '@codemirror/state'
import { systemEnvironment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import type { DocumentKeys } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { makeForkProof } from '../../main/log/format/fork'
import { noMark } from '../../main/log/format/segment'
import { bucketCount, bucketDigestSize } from '../../main/log/format/version-vector'
import { SessionLog } from '../../main/log/session-log'
import { Replica } from '../../main/replica/replica'
import type { Port } from '../../main/sync/wire/channel'
import {
  encodeCredit,
  encodeHave,
  encodeReceipt,
  encodeVector,
  encodeWant,
} from '../../main/sync/wire/messages'
import { HostilePeer, type Line } from './hostile-peer'

/**
 * A hostile peer in a process of its own, so that what it costs its victims can be told from what it costs
 * itself. Does one kind of flood on each connection that it gets, and says when it begins.
 */
const [kind = '', port = '', link = ''] = process.argv.slice(2)
const keys = keysFromLink(parseLink(link))

const newSession = (of: DocumentKeys, seed?: Uint8Array, environment = systemEnvironment): SessionLog =>
  new SessionLog({
    documentId: of.documentId,
    keys: of,
    identity: identityFromSeed(Buffer.alloc(32, 66)),
    name: 'Mallory',
    environment,
    ...(seed ? { seed } : {}),
  })

/** A sound first segment of a new session. */
function firstSegment(): { session: SessionLog; bytes: Uint8Array } {
  const session = newSession(keys)
  const replica = new Replica({
    documentId: keys.documentId,
    contentKey: keys.content ?? new Uint8Array(0),
    actor: hex(session.session),
    now: Date.now,
  })
  replica.edit(ChangeSet.of({ from: 0, insert: '.' }, 0))
  const { bytes } = session.seal(replica.commit())
  replica.free()
  return { session, bytes }
}

const repeat = (count: number, act: () => void) => {
  for (let round = 0; round < count; round++) act()
}

const floods: Record<string, (line: Line, port: Port) => void> = {
  duplicates: (line, peer) => {
    const { session, bytes } = firstSegment()
    const next = session.seal([{ bytes: Buffer.alloc(50), hash: Buffer.alloc(32) }])
    peer.send('certificate', session.certificate)
    peer.send('segment', bytes)
    peer.send('segment', next.bytes)
    line.keepOn(5, () => peer.together(() => repeat(200, () => peer.send('segment', bytes))))
  },
  // Cheap to say again, and two signatures to check each time.
  proofs: (line, peer) => {
    const seed = line.random.bytes(32)
    let shared = 0
    const twin = () => {
      const random = (size: number) =>
        shared++ % 2 === 0 ? Buffer.alloc(size, 5) : systemEnvironment.random(size)
      return newSession(keys, seed, { ...systemEnvironment, random })
    }
    const [one, other] = [twin(), twin()]
    const segment = (session: SessionLog) =>
      session.seal([{ bytes: line.random.bytes(60), hash: line.random.bytes(32) }])
    const held = segment(one)
    const proof = makeForkProof(held.tipProof, segment(other).tipProof)
    peer.send('certificate', one.certificate)
    peer.send('segment', held.bytes)
    line.keepOn(5, () => peer.together(() => repeat(200, () => peer.send('fork', proof))))
  },
  sessions: (line, peer) => {
    line.keepOn(5, () => {
      for (let round = 0; round < 5; round++) {
        const session = newSession(keys)
        peer.send('certificate', session.certificate)
        peer.send(
          'segment',
          session.seal([{ bytes: line.random.bytes(60), hash: line.random.bytes(32) }]).bytes,
        )
      }
    })
  },
  questions: (line, peer) => {
    const { session, bytes } = firstSegment()
    peer.send('certificate', session.certificate)
    peer.send('segment', bytes)
    const want = encodeWant({ session: hex(session.session), after: 0 })
    line.keepOn(5, () =>
      peer.together(() =>
        repeat(500, () => {
          peer.send('want', want)
          peer.send('credit', encodeCredit(1))
        }),
      ),
    )
  },
  comparisons: (line, peer) => {
    const have = encodeHave(Buffer.alloc(bucketCount * bucketDigestSize))
    line.keepOn(5, () => {
      const entries = Array.from(
        { length: 1_000 },
        () => [hex(line.random.bytes(32)), { base: 0, tip: 9, mark: noMark }] as const,
      )
      peer.together(() => {
        peer.send('have', have)
        repeat(5, () => peer.send('vector', encodeVector({ last: true, entries })))
        repeat(5, () => peer.send('receipt', encodeReceipt(entries)))
      })
    })
  },
}

const flood = floods[kind]
if (!flood) throw new Error(`no flood is called ${kind}`)
const peer = new HostilePeer(
  [{ host: '127.0.0.1', port: Number(port) }],
  (line) =>
    line.open(keys, (channel) => {
      channel.send('vector', encodeVector({ last: true, entries: [] }))
      flood(line, channel)
      process.stdout.write('floods\n')
    }),
  kind.length,
)
await peer.open(keys.topic)
