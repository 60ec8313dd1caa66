import * as v from 'valibot'
import { documentId } from '../../preload/contract/shapes'
import { ownWord, ownWordLimits } from '../../preload/contract/spelling'
import { fromHex } from '../base/hex'
import type { Vault } from '../profile/vault'
import type { Write } from '../storage/store'
import type { Setting } from './registers'

const wordsId = new Uint8Array(0)

/**
 * Reads what older programs stored of own words and of removed documents, which count as removed `now` (ms since the
 * Unix epoch). Returns the registers to set, and the writes that delete those records. Damaged words are copied aside.
 */
export async function readOlder(
  vault: Vault,
  now: number,
): Promise<{ settings: Setting[]; removals: Write[] }> {
  const words = await vault.find('words', wordsId)
  if (words.isUnreadable) await vault.setAside('words', wordsId).catch(() => undefined)
  const { records } = await vault.all('gone')
  const gone = [...records.values()].filter((id): id is string => v.is(documentId, id))
  const settings: Setting[] = [
    ...soundWords(words.record).map((subject) => ({ kind: 'word' as const, subject, value: true })),
    ...gone.map((subject) => ({ kind: 'removed' as const, subject, value: now })),
  ]
  const removals = gone.map((id) => vault.removal('gone', fromHex(id)))
  return { settings, removals: [vault.removal('words', wordsId), ...removals] }
}

function soundWords(record: unknown): string[] {
  if (!Array.isArray(record)) return []
  return record.filter((word) => v.is(ownWord, word)).slice(0, ownWordLimits.number)
}
