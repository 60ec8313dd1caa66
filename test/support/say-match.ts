import type { Connection } from '../../main/network/network'
import { encodeEntries, listLengths, stateTag, tagsOf } from '../../main/sync/matching/entries'
import { matchTypes } from '../../main/sync/matching/matching'
import { openChannelOf, type Port } from '../../main/sync/wire/channel'
import type { HardenedMux } from '../../main/sync/wire/hardened-mux'

/** The port of a channel for matching. */
export type MatchPort = Port<(typeof matchTypes)[number]>

/** Opens the channel for matching by hand, and passes what the other side says. */
export function openMatch(
  mux: HardenedMux,
  { handshakeHash }: Connection,
  onMessage: (type: (typeof matchTypes)[number], body: Uint8Array) => void = () => undefined,
): MatchPort {
  const port = openChannelOf(
    { protocol: 'swarmpad/match', types: matchTypes },
    {
      mux,
      id: handshakeHash.subarray(0, 32),
      hello: new Uint8Array(0),
      listener: {
        onOpen: () => undefined,
        onMessage: (type, body) => onMessage(type, Uint8Array.from(body)),
        onDrain: () => undefined,
        onClose: () => undefined,
      },
    },
  )
  if (!port) throw new Error('no channel')
  return port
}

/** Makes a list of the documents with these keep secrets, each in some state, padded with random tags. */
export function listOf(
  keeps: readonly Uint8Array[],
  connection: Connection,
  { random, state = random(32) }: { random: (size: number) => Buffer; state?: Uint8Array },
): Uint8Array {
  const length = listLengths.find((one) => one >= keeps.length) ?? 0
  const entries = keeps.map(
    (keep) => tagsOf(keep, connection).own + stateTag(keep, connection, { state, hasSnapshot: false }),
  )
  while (entries.length < length) entries.push(random(16).toString('latin1'))
  return encodeEntries(entries)
}
