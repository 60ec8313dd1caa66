import { expect, it } from 'vitest'
import { logRanges } from '../../../main/log/format/store-keys'
import { vaultKinds } from '../../../main/profile/vault'
import { replicaRanges } from '../../../main/sync/replicas/replica-records'

it('each kind of record in the store has a letter to itself', () => {
  const documentId = new Uint8Array(32)
  const ranges = [...logRanges(documentId), ...replicaRanges(documentId)]
  const letters = [
    ...Object.values(vaultKinds),
    ...ranges.map(({ gte }) => String.fromCharCode(gte?.[0] ?? 0)),
  ]
  expect([...new Set(letters)]).toEqual(letters)
})
