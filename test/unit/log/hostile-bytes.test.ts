import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { makeManifest, readManifest } from '../../../main/keys/derive'
import { formatLink, keysFromLink, parseLink } from '../../../main/keys/link'
import { decodeCertificate, openCertificate, verifyCertificate } from '../../../main/log/format/certificate'
import { makeForkProof, verifyForkProof } from '../../../main/log/format/fork'
import { packChanges, unpackChanges } from '../../../main/log/format/packing'
import {
  decodeSegment,
  decodeTipProof,
  openSegment,
  verifySegment,
  verifyTipProof,
} from '../../../main/log/format/segment'
import type { Random } from '../../support/random'
import { fixture } from './fixture'

const { keys, session, change, random } = fixture(41)
const { documentId } = keys
const content = keys.content ?? expect.fail()
const verify = keys.verify ?? expect.fail()
const log = session()
const segment = log.seal([change(50), change(5)])
const next = log.seal([change(50)])

/** Cuts, joins, flips, overwrites, and random bytes of sizes near those that decoders expect. */
function mutate(source: Random, bytes: Uint8Array): Buffer {
  if (source.chance(0.2)) return source.bytes(source.below(source.chance(0.5) ? 8 : bytes.length + 70))
  const copy = Buffer.from(bytes)
  for (let times = 1 + source.below(4); times > 0; times--)
    copy[source.below(copy.length)] = source.pick([0, 1, 0x7f, 0x80, 0xfd, 0xfe, 0xff, source.below(256)])
  if (source.chance(0.2)) return copy.subarray(0, source.below(copy.length))
  if (source.chance(0.1)) return Buffer.concat([copy, source.bytes(source.below(70))])
  return copy
}

const decoders: Record<string, [Uint8Array, (bytes: Buffer) => unknown]> = {
  segment: [
    segment.bytes,
    (bytes) => {
      const decoded = decodeSegment(bytes)
      verifySegment(decoded, documentId)
      return openSegment(content, decoded)
    },
  ],
  'sealed body': [segment.bytes, (bytes) => openSegment(content, { ...segment, bytes })],
  'tip proof': [segment.tipProof, (bytes) => [decodeTipProof(bytes), verifyTipProof(bytes, documentId)]],
  'packed changes': [
    packChanges([change(200).bytes, change(9).bytes]) ?? expect.fail(),
    (bytes) => unpackChanges(bytes),
  ],
  certificate: [
    log.certificate,
    (bytes) => [
      decodeCertificate(bytes),
      openCertificate({ content, documentId, certificate: bytes }),
      verifyCertificate(bytes, documentId, verify),
    ],
  ],
  'fork proof': [
    makeForkProof(segment.tipProof, next.tipProof),
    (bytes) => verifyForkProof(bytes, documentId),
  ],
  manifest: [makeManifest(keys), (bytes) => readManifest(keys, bytes)],
  link: [Buffer.from(formatLink(keys, 'write')), (bytes) => keysFromLink(parseLink(bytes.toString()))],
}

/** Formats without a key in them, where some mutated bytes are still valid. */
const lenient = ['tip proof', 'packed changes']

describe('20,000 random and mutated inputs lead to nothing but a SwarmpadError', () => {
  it.each(Object.keys(decoders))('%s', (name) => {
    const [sound, decode] = decoders[name] ?? expect.fail()
    let refused = 0
    for (let run = 0; run < 20_000; run++) {
      const input = mutate(random, sound)
      try {
        decode(input)
      } catch (error) {
        refused++
        if (!(error instanceof SwarmpadError))
          throw new Error(`run ${run}: ${input.toString('hex')}`, { cause: error })
      }
    }
    expect(refused).toBeGreaterThan(lenient.includes(name) ? 5_000 : 15_000)
  })
})
